import SwiftletKernelCore
import Testing

@testable import SwiftletTraining

/// A loss of `losses.json`, with its value and its gradient by torch in float64.
struct LossCase: Decodable, Sendable, CustomTestStringConvertible {
  enum Kind: String, Decodable {
    case crossEntropy = "cross-entropy"
    case binary, span, distillation, ranking, cosent, triplet
    case squaredError = "squared-error"
    case hiddenCosine = "hidden-cosine"
    case cosineSimilarity = "cosine-similarity"
  }

  let kind: Kind
  let columns: Int
  let outputs: [Float]
  var targets: [Float]?
  var classes: [Int32]?
  var weights: [Float]?
  var lengths: [Int]?
  var starts: [Int]?
  var ends: [Int]?
  var texts: Int?
  var parameter: Double?
  let loss: Double
  let gradient: [Double]

  var testDescription: String { "\(kind.rawValue), \(outputs.count / columns) x \(columns)" }

  static let all: [LossCase] = {
    struct File: Decodable { let cases: [LossCase] }
    return (try? TrainingGolden.load("losses", as: File.self).cases) ?? []
  }()

  /// Computes the loss of other outputs. In place, the gradient replaces the outputs.
  func compute(
    _ outputs: [Float], isInPlace: Bool = false
  ) throws -> (loss: Double, gradient: [Float]) {
    let input = PaddedRows(outputs, columns: columns)
    let unset = [Float](repeating: .nan, count: outputs.count)
    let output = isInPlace ? input : PaddedRows(unset, columns: columns)
    let loss = try callLoss(input.matrix, output.matrix)
    #expect(output.isPaddingUntouched && input.isPaddingUntouched)
    return (loss, output.values)
  }

  private func callLoss(_ x: Matrix<Float>, _ gradient: Matrix<Float>) throws -> Double {
    switch kind {
    case .crossEntropy:
      let loss = CrossEntropy(classWeights: weights, labelSmoothing: try #require(parameter))
      let classes = try #require(classes)
      let normalizer = loss.normalizer(for: classes)
      return loss(x, targets: classes, normalizer: normalizer, gradient: gradient)
    case .binary:
      let loss = BinaryCrossEntropy(positiveWeights: weights)
      let normalizer = loss.normalizer(rows: x.rows, labels: columns)
      return loss(x, targets: try #require(targets), normalizer: normalizer, gradient: gradient)
    case .squaredError:
      let loss = MeanSquaredError()
      let normalizer = loss.normalizer(rows: x.rows, columns: columns)
      return loss(x, targets: try #require(targets), normalizer: normalizer, gradient: gradient)
    case .span:
      let (loss, lengths) = (SpanLoss(), try #require(lengths))
      let targets = zip(try #require(starts), try #require(ends)).map(SpanTarget.init)
      let normalizer = loss.normalizer(for: targets, lengths: lengths)
      return loss(
        x, targets: targets, lengths: lengths, normalizer: normalizer, gradient: gradient)
    case .distillation, .hiddenCosine: return try callTeacherLoss(x, gradient)
    case .ranking:
      return MultipleNegativesRanking()(
        x, textsPerExample: try #require(texts), gradient: gradient)
    case .cosineSimilarity:
      let (loss, scores) = (CosineSimilarityLoss(), try #require(targets))
      let normalizer = loss.normalizer(pairs: scores.count)
      return loss(x, scores: scores, normalizer: normalizer, gradient: gradient)
    case .cosent: return CoSENTLoss()(x, scores: try #require(targets), gradient: gradient)
    case .triplet:
      let loss = TripletLoss()
      return loss(x, normalizer: loss.normalizer(triplets: x.rows / 3), gradient: gradient)
    }
  }

  private func callTeacherLoss(_ x: Matrix<Float>, _ gradient: Matrix<Float>) throws -> Double {
    let teacher = PaddedRows(try #require(targets), columns: columns)
    defer { withExtendedLifetime(teacher) {} }
    if kind == .hiddenCosine {
      let loss = HiddenStateCosine()
      return loss(
        student: x, teacher: teacher.matrix, normalizer: loss.normalizer(rows: x.rows),
        gradient: gradient)
    }
    let loss = DistillationLoss(temperature: try #require(parameter))
    return loss(
      student: x, teacher: teacher.matrix, normalizer: loss.normalizer(rows: x.rows),
      gradient: gradient)
  }
}
