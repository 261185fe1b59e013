import Glibc
import SwiftletKernelCore
import Synchronization
import Testing

@testable import SwiftletTraining

@Suite struct CrossEntropyTests {
  static let logits: [Float] = (0..<40).map { Float(($0 * 37) % 23) / 7 - 1.5 }
  static let targets: [Int32] = [3, -100, 0, 4, 1, 1, -100, 2]

  private func compute(
    _ loss: CrossEntropy, _ logits: [Float], columns: Int, targets: [Int32],
    normalizer: Double? = nil
  ) -> (loss: Double, gradient: [Float]) {
    let rows = PaddedRows(logits, columns: columns)
    let gradient = PaddedRows(logits.map { _ in .nan }, columns: columns)
    let value = loss(
      rows.matrix, targets: targets, normalizer: normalizer ?? loss.normalizer(for: targets),
      gradient: gradient.matrix)
    return (value, gradient.values)
  }

  @Test(arguments: [0, 0.1], [nil, [1, 0.5, 2, 3, 0.25] as [Float]?])
  func `Micro-batches have the gradient of the whole group`(
    smoothing: Double, weights: [Float]?
  ) {
    let loss = CrossEntropy(classWeights: weights, labelSmoothing: smoothing)
    let whole = compute(loss, Self.logits, columns: 5, targets: Self.targets)
    let normalizer = loss.normalizer(for: Self.targets)
    var (sum, gradient) = (0.0, [Float]())
    for rows in [0..<3, 3..<4, 4..<8] {
      let part = compute(
        loss, Array(Self.logits[rows.lowerBound * 5..<rows.upperBound * 5]), columns: 5,
        targets: Array(Self.targets[rows]), normalizer: normalizer)
      sum += part.loss
      gradient += part.gradient
    }
    #expect(gradient == whole.gradient)
    #expect(abs(sum - whole.loss) < 1e-14)
  }

  @Test func `Rows without labels have no loss and no gradient`() {
    let ignored = [Int32](repeating: CrossEntropy.ignored, count: 8)
    let (loss, gradient) = compute(
      CrossEntropy(labelSmoothing: 0.1), Self.logits, columns: 5, targets: ignored)
    #expect(loss == 0)
    #expect(gradient == [Float](repeating: 0, count: 40))
  }

  @Test func `Classes of weight 0 alone have no loss`() {
    let (loss, gradient) = compute(
      CrossEntropy(classWeights: [0, 0, 0, 0, 0]), Self.logits, columns: 5, targets: Self.targets)
    #expect(loss == 0)
    #expect(gradient == [Float](repeating: 0, count: 40))
  }

  @Test func `Wide rows take the kernel and narrow rows do not`() {
    let calls = Atomic(0)
    let kernel: SoftmaxRows = { rows, logSums in
      calls.add(1, ordering: .relaxed)
      for row in 0..<rows.rows {
        let x = rows.row(row)
        let sum = (0..<rows.columns).reduce(0) { $0 + exp(Double(x[$1])) }
        for column in 0..<rows.columns { x[column] = Float(exp(Double(x[column])) / sum) }
        logSums[row] = Float(log(sum))
      }
    }
    let wide = (0..<600).map { Float(($0 * 41) % 59) / 11 - 2 }
    for smoothing in [0, 0.1] {
      let plain = CrossEntropy(labelSmoothing: smoothing)
      let fast = CrossEntropy(labelSmoothing: smoothing, softmaxRows: kernel)
      let expected = compute(plain, wide, columns: 300, targets: [299, 4])
      let found = compute(fast, wide, columns: 300, targets: [299, 4])
      #expect(abs(found.loss - expected.loss) < 1e-6)
      for (left, right) in zip(found.gradient, expected.gradient) {
        #expect(abs(left - right) < 1e-7)
      }
    }
    #expect(calls.load(ordering: .relaxed) == 4)
    _ = compute(
      CrossEntropy(softmaxRows: kernel), Self.logits, columns: 5, targets: Self.targets)
    #expect(calls.load(ordering: .relaxed) == 4)
  }

  @Test func `A row of NaN makes the loss NaN`() {
    var logits = Self.logits
    logits[1] = .nan
    #expect(compute(CrossEntropy(), logits, columns: 5, targets: Self.targets).loss.isNaN)
  }
}
