import SwiftletKernelCore
import Testing

@testable import SwiftletTraining

@Suite struct SpecialLossTests {
  @Test func `Answers outside their windows have no loss and no gradient`() {
    let outputs = PaddedRows((0..<14).map { Float($0) / 3 }, columns: 2)
    let gradient = PaddedRows([Float](repeating: .nan, count: 14), columns: 2)
    let targets = [SpanTarget(start: 4, end: 9), SpanTarget(start: 3, end: 3)]
    let loss = SpanLoss()
    let normalizer = loss.normalizer(for: targets, lengths: [4, 3])
    #expect(normalizer.start == 0 && normalizer.end == 0)
    let value = loss(
      outputs.matrix, targets: targets, lengths: [4, 3], normalizer: normalizer,
      gradient: gradient.matrix)
    #expect(value == 0)
    #expect(gradient.values == [Float](repeating: 0, count: 14))
  }

  @Test func `A student that equals its teacher has no loss`() {
    let logits = PaddedRows([1, -2, 30, 4, 5.5, -6], columns: 3)
    let gradient = PaddedRows([Float](repeating: .nan, count: 6), columns: 3)
    let value = DistillationLoss(temperature: 2)(
      student: logits.matrix, teacher: logits.matrix, normalizer: 2, gradient: gradient.matrix)
    #expect(value == 0)
    #expect(gradient.values.allSatisfy { $0 == 0 })
  }

  @Test func `Rows of zeros have a finite loss and gradient`() {
    let zeros = [Float](repeating: 0, count: 24)
    let (rows, gradient) = (PaddedRows(zeros, columns: 4), PaddedRows(zeros, columns: 4))
    let values = [
      HiddenStateCosine()(
        student: rows.matrix, teacher: rows.matrix, normalizer: 6, gradient: gradient.matrix),
      CosineSimilarityLoss()(
        rows.matrix, scores: [1, 0, 1], normalizer: 3, gradient: gradient.matrix),
      CoSENTLoss()(rows.matrix, scores: [1, 0, 0.5], gradient: gradient.matrix),
      TripletLoss()(rows.matrix, normalizer: 2, gradient: gradient.matrix),
      MultipleNegativesRanking()(rows.matrix, gradient: gradient.matrix),
    ]
    #expect(values.allSatisfy { $0.isFinite })
    #expect(gradient.values.allSatisfy { $0.isFinite })
  }

  @Test func `A candidate that equals the own positive is not a negative`() throws {
    let embeddings: [Float] = [1, 2, 3, -1, 2, 1, 2, 0, 1, -1, 2, 1]
    let (rows, gradient) = (
      PaddedRows(embeddings, columns: 3), PaddedRows(embeddings, columns: 3)
    )
    let loss = MultipleNegativesRanking()
    let masked = loss(rows.matrix, identities: [0, 7, 1, 7], gradient: gradient.matrix)
    #expect(masked == 0)
    #expect(gradient.values.allSatisfy { $0 == 0 })
    let distinct = loss(rows.matrix, identities: [0, 1, 2, 3], gradient: gradient.matrix)
    #expect(distinct == loss(rows.matrix, gradient: gradient.matrix))
    #expect(distinct > 0.1)
  }

  @Test func `An empty group has no loss`() {
    let (rows, gradient) = (PaddedRows([], columns: 4), PaddedRows([], columns: 4))
    let binary = BinaryCrossEntropy()
    #expect(binary(rows.matrix, targets: [], normalizer: 0, gradient: gradient.matrix) == 0)
    #expect(MultipleNegativesRanking()(rows.matrix, gradient: gradient.matrix) == 0)
    #expect(CoSENTLoss()(rows.matrix, scores: [], gradient: gradient.matrix) == 0)
  }
}
