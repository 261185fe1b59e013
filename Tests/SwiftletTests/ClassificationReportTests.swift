import Swiftlet
import Testing

struct ClassificationReportTests {
  private static func report(
    _ labels: [String],
    _ outcomes: [(expected: Int, predicted: Int)]
  ) -> ClassificationReport {
    var report = ClassificationReport(labels: labels)
    for outcome in outcomes { report.add(expected: outcome.expected, predicted: outcome.predicted) }
    return report
  }

  /// Expected [0, 1, 2, 2, 2] and predicted [0, 0, 2, 2, 1], an example of scikit-learn's
  /// documentation of `classification_report`; worked out by hand below.
  private static let threeClasses = report(
    ["class 0", "class 1", "class 2"],
    [(0, 0), (1, 0), (2, 2), (2, 2), (2, 1)]
  )

  @Test
  func `the confusion matrix has a row for each expected and a column for each predicted class`() {
    #expect(Self.threeClasses.confusion == [[1, 0, 0], [1, 0, 0], [0, 1, 2]])
  }

  @Test func `counts and accuracy are those of the pairs`() {
    #expect(Self.threeClasses.count == 5)
    #expect(Self.threeClasses.correct == 3)
    #expect(Self.threeClasses.accuracy == 0.6)
  }

  @Test(arguments: [
    (0, 1.0 / 2.0, 1.0, 2.0 / 3.0, 1), (1, 0.0, 0.0, 0.0, 1), (2, 1.0, 2.0 / 3.0, 0.8, 3),
  ])
  func `the scores of each class equal those worked out by hand`(
    index: Int,
    precision: Double,
    recall: Double,
    f1: Double,
    support: Int
  ) {
    let scores = Self.threeClasses.classes[index]
    #expect(scores.label == "class \(index)")
    #expect(scores.precision == precision)
    #expect(scores.recall == recall)
    #expect(scores.f1 == f1)
    #expect(scores.support == support)
  }

  @Test func `macro average gives every class the same weight`() {
    let average = Self.threeClasses.macroAverage
    #expect(isClose(average.precision, (0.5 + 0 + 1) / 3))
    #expect(isClose(average.recall, (1 + 0 + 2.0 / 3) / 3))
    #expect(isClose(average.f1, (2.0 / 3 + 0 + 0.8) / 3))
  }

  @Test func `weighted average counts each class by its support, and its recall is the accuracy`() {
    let average = Self.threeClasses.weightedAverage
    #expect(isClose(average.precision, (0.5 * 1 + 0 + 1 * 3) / 5))
    #expect(isClose(average.recall, Self.threeClasses.accuracy))
    #expect(isClose(average.f1, (2.0 / 3 * 1 + 0 + 0.8 * 3) / 5))
  }

  @Test
  func
    `a class that is never expected nor predicted scores 0 and still counts in the macro average`()
  {
    let report = Self.report(["a", "b", "never"], [(0, 0), (1, 1)])
    #expect(report.classes[2].precision == 0)
    #expect(report.classes[2].recall == 0)
    #expect(report.classes[2].f1 == 0)
    #expect(isClose(report.macroAverage.f1, 2.0 / 3))
    #expect(isClose(report.weightedAverage.f1, 1))
  }

  @Test(arguments: [[], ["only"], ["a", "b"]])
  func `an empty report is all zeros, never a division by zero`(labels: [String]) {
    let report = ClassificationReport(labels: labels)
    #expect(report.accuracy == 0)
    for average in [report.macroAverage, report.weightedAverage] {
      #expect([average.precision, average.recall, average.f1] == [0, 0, 0])
    }
  }

  @Test func `every prediction right scores 1 throughout`() {
    let report = Self.report(["a", "b"], [(0, 0), (1, 1), (1, 1)])
    #expect(report.accuracy == 1)
    #expect(report.classes.allSatisfy { $0.precision == 1 && $0.recall == 1 && $0.f1 == 1 })
    #expect(report.macroAverage == report.weightedAverage)
  }

  @Test func `one class expected and the other always predicted scores 0`() {
    let report = Self.report(["a", "b"], [(0, 1), (0, 1)])
    #expect(report.confusion == [[0, 2], [0, 0]])
    #expect(report.accuracy == 0)
    #expect(report.classes.map(\.support) == [2, 0])
    #expect(report.weightedAverage.f1 == 0)
  }
}

/// Equal within a few roundings of sums of numbers up to 1.
private func isClose(_ value: Double, _ expected: Double) -> Bool {
  abs(value - expected) <= 4 * Double.ulpOfOne
}
