import Testing

@testable import SwiftletTraining

@Suite struct TemperatureScalingTests {
  private func data(
    _ seed: Int, rows: Int, classes: Int, scale: Double
  ) throws -> (logits: [Float], noisy: [Double]) {
    let data = try ProbeData(seed: seed, rows: rows, columns: 8, outputs: classes)
    var numbers = ProbeNumbers(seed: seed + 100)
    return (data.scores.map { Float($0 * scale) }, data.scores.map { $0 + Double(numbers.next()) })
  }

  @Test(arguments: [("sharp", 21, 400, 3, 6.0), ("flat", 22, 300, 5, 0.7)])
  func `The temperature of softmax is that of PyTorch's LBFGS`(
    name: String, seed: Int, rows: Int, classes: Int, scale: Double
  ) throws {
    let (logits, noisy) = try data(seed, rows: rows, classes: classes, scale: scale)
    let labels = (0..<rows).map { row in
      (0..<classes).max { noisy[row * classes + $0] < noisy[row * classes + $1] } ?? 0
    }
    let found = TemperatureScaling.fit(logits: logits, labels: labels, classCount: classes)
    let expected = try #require(try ProbeGolden.read().temperatures[name])
    #expect(abs(found - expected) < 1e-4)
  }

  @Test func `The temperature of sigmoids is that of PyTorch's LBFGS`() throws {
    let (logits, noisy) = try data(23, rows: 300, classes: 2, scale: 4)
    let found = TemperatureScaling.fit(logits: logits, targets: noisy.map { $0 > 0 })
    let expected = try #require(try ProbeGolden.read().temperatures["sigmoid"])
    #expect(abs(found - expected) < 1e-4)
  }

  @Test func `Rows without a label are skipped`() {
    let all = TemperatureScaling.fit(
      logits: [2, 0, 0, 1, 3, 1], labels: [0, 0, 1], classCount: 2)
    let some = TemperatureScaling.fit(
      logits: [2, 0, 9, 9, 0, 1, 3, 1], labels: [0, -1, 0, 1], classCount: 2)
    #expect(all == some)
  }

  @Test func `Degenerate rows stay within the bounds`() {
    let bounds = TemperatureScaling.bounds
    #expect(TemperatureScaling.fit(logits: [], labels: [], classCount: 3) == 1)
    #expect(TemperatureScaling.fit(logits: [1, 1], labels: [0], classCount: 2) == 1)
    let correct = TemperatureScaling.fit(logits: [4, 0, 0, 4], labels: [0, 1], classCount: 2)
    #expect(abs(correct - bounds.lowerBound) < 1e-6)
    let wrong = TemperatureScaling.fit(logits: [4, 0, 0, 4], labels: [1, 0], classCount: 2)
    #expect(abs(wrong - bounds.upperBound) < 1e-6)
    let huge = TemperatureScaling.fit(logits: [3e38, -3e38, 1, 0], labels: [0, 1], classCount: 2)
    #expect(bounds.contains(huge))
  }
}

@Suite struct DecisionThresholdTests {
  private let scores: [Float] = [0.1, 0.35, 0.4, 0.8, 0.9]

  /// All thresholds on a fine grid, as a reference.
  private func best(_ targets: [Bool], _ scores: [Float]) -> Double {
    (0...1000).map { step in
      let threshold = Float(step) / 1000
      let found = zip(scores, targets).filter { $0.0 >= threshold }
      let hits = Double(found.count { $0.1 })
      let total = Double(found.count + targets.count { $0 })
      return total > 0 ? 2 * hits / total : 0
    }.max() ?? 0
  }

  @Test(arguments: 0..<31)
  func `The threshold of every pattern reaches the largest F1`(pattern: Int) {
    let targets = (0..<5).map { (pattern + 1) >> $0 & 1 == 1 }
    let choice = DecisionThresholds.maximizingF1(scores: scores, targets: targets)
    #expect(abs(choice.f1 - best(targets, scores)) < 1e-12)
    let found = zip(scores, targets).filter { $0.0 >= choice.threshold }
    #expect(choice.precision == Double(found.count { $0.1 }) / Double(found.count))
  }

  @Test func `0.5 is kept where no other threshold is better`() {
    let choice = DecisionThresholds.maximizingF1(
      scores: scores, targets: [false, false, false, true, true])
    #expect(choice.threshold == 0.5 && choice.f1 == 1)
  }

  @Test func `Of equally good thresholds the nearest to 0.5 is taken`() {
    // 2 of 3 at 0.15 and 1 of 1 at 0.85 have F1 0.8 and 2/3; 0.3 and 0.7 lie between equal ones.
    let choice = DecisionThresholds.maximizingF1(
      scores: [0.1, 0.3, 0.9], targets: [false, true, true])
    #expect(choice.f1 == 1 && abs(choice.threshold - 0.2) < 1e-6)
    let equal = DecisionThresholds.maximizingF1(
      scores: [0.2, 0.3, 0.6, 0.7], targets: [true, false, false, true])
    // F1 is 2/3 with all rows and with the last row alone; 0.1 is farther from 0.5 than 0.65.
    #expect(abs(equal.threshold - 0.65) < 1e-6)
  }

  @Test func `Labels without rows, without positives or with equal scores have a threshold`() {
    #expect(DecisionThresholds.maximizingF1(scores: [], targets: []).threshold == 0.5)
    let none = DecisionThresholds.maximizingF1(scores: scores, targets: scores.map { _ in false })
    #expect(none.threshold == 0.5 && none.f1 == 0)
    let equal = DecisionThresholds.maximizingF1(scores: [0.3, 0.3], targets: [true, false])
    #expect(equal.threshold <= 0.3 && equal.recall == 1)
    let next = DecisionThresholds.maximizingF1(
      scores: [0.3, Float(0.3).nextUp], targets: [false, true])
    #expect(next.threshold == Float(0.3).nextUp && next.f1 == 1)
    let all = DecisionThresholds.maximizingF1(scores: [0, 0.2], targets: [true, true])
    #expect(all.threshold <= 0 && all.f1 == 1)
  }

  @Test func `A precision is reached with the largest recall, or not at all`() throws {
    let targets = [true, false, true, false, true]
    let choice = try #require(
      DecisionThresholds.reaching(precision: 0.66, scores: scores, targets: targets))
    #expect(choice.precision == 2.0 / 3 && choice.recall == 2.0 / 3)
    let strict = try #require(
      DecisionThresholds.reaching(precision: 1, scores: scores, targets: targets))
    #expect(strict.recall == 1.0 / 3 && strict.threshold > 0.8)
    let never = DecisionThresholds.reaching(
      precision: 0.9, scores: [0.4, 0.6], targets: [true, false])
    #expect(never == nil)
  }

  @Test func `A recall is reached with the largest precision, or not at all`() throws {
    let targets = [true, false, true, false, true]
    let all = try #require(
      DecisionThresholds.reaching(recall: 0.9, scores: scores, targets: targets))
    #expect(all.recall == 1 && all.precision == 0.6)
    #expect(all.precisionShare == Proportion(count: 3, total: 5))
    let most = try #require(
      DecisionThresholds.reaching(recall: 0.3, scores: scores, targets: targets))
    #expect(most.precision == 1 && most.recallShare == Proportion(count: 1, total: 3))
    #expect(DecisionThresholds.reaching(recall: 0.5, scores: scores, targets: []) == nil)
  }

  @Test(arguments: [(0.1, 0.9, 0.5), (0.912_34, 0.917_89, 0.915), (0.6, 0.61, 0.605)])
  func `A threshold has as few digits as the scores allow`(
    low: Float, high: Float, expected: Float
  ) {
    let choice = DecisionThresholds.maximizingF1(scores: [low, high], targets: [false, true])
    #expect(choice.threshold == expected)
  }

  @Test func `Each label of a matrix has its own threshold`() {
    let choices = DecisionThresholds.maximizingF1(
      scores: [0.1, 0.9, 0.3, 0.7], targets: [false, true, true, false], labelCount: 2)
    #expect(choices.map(\.f1) == [1, 1])
    #expect(abs(choices[0].threshold - 0.2) < 1e-6 && abs(choices[1].threshold - 0.8) < 1e-6)
  }
}
