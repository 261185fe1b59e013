import Swiftlet
import SwiftletTraining

/// A model's answers to labelled texts in several precisions.
struct ModelComparison {
  /// The answers in one precision.
  struct Side {
    let precision: Precision
    fileprivate(set) var report: ClassificationReport
    /// How the answers differ from those of the first precision.
    fileprivate(set) var difference = AnswerDifference()
    /// The time in seconds to compute ``textCount`` texts.
    fileprivate(set) var seconds = 0.0
    fileprivate var textCount = 0

    /// The accuracy as a share of all texts.
    var share: Proportion { Proportion(count: report.correct, total: report.count) }
    var textsPerSecond: Double { Double(textCount) / max(seconds, 1e-9) }
  }

  /// One for each precision, in the order of ``init(labels:precisions:)``.
  private(set) var sides: [Side]

  /// Compares precisions with the first of them.
  init(labels: [String], precisions: [Precision]) {
    sides = precisions.map { Side(precision: $0, report: ClassificationReport(labels: labels)) }
  }

  /// The number of texts.
  var count: Int { sides.first?.report.count ?? 0 }

  /// Adds the answers to one text, one in each precision.
  mutating func add(expected: Int, _ answers: [Classification]) {
    guard let exact = answers.first else { return }
    for (index, answer) in zip(sides.indices, answers) {
      sides[index].report.add(expected: expected, predicted: answer.predictedIndex)
      sides[index].difference.add(answer, to: exact)
    }
  }

  /// Adds the time to compute texts in one precision.
  mutating func add(seconds: Double, texts: Int, toSide index: Int) {
    sides[index].seconds += seconds
    sides[index].textCount += texts
  }

  /// The accuracy of a side minus that of the first one, in percentage points.
  func accuracyPoints(_ side: Side) -> Double {
    100 * (side.report.accuracy - (sides.first?.report.accuracy ?? 0))
  }
}

/// How answers to the same texts differ.
struct AnswerDifference {
  /// Texts whose best label differs.
  private(set) var changedLabels = 0
  /// The largest absolute difference of a logit.
  private(set) var largest = 0.0
  private var sum = 0.0
  private var logitCount = 0

  /// The mean absolute difference of the logits.
  var mean: Double { logitCount > 0 ? sum / Double(logitCount) : 0 }

  mutating func add(_ answer: Classification, to exact: Classification) {
    if answer.predictedIndex != exact.predictedIndex { changedLabels += 1 }
    for (left, right) in zip(exact.logits, answer.logits) {
      let difference = Double((left - right).magnitude)
      largest = max(largest, difference)
      sum += difference
      logitCount += 1
    }
  }
}

extension Classification {
  /// The index of the predicted label.
  var predictedIndex: Int { logits.firstLargest }
}

extension [Float] {
  /// The index of the largest value, the first of equal ones.
  var firstLargest: Int {
    var best = 0
    for (index, value) in enumerated() where value > self[best] { best = index }
    return best
  }
}
