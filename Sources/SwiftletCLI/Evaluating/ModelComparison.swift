import Swiftlet
import SwiftletJSON

/// How a model's answers in float32 and in int8 differ on labelled texts.
struct ModelComparison {
  private(set) var exact: ClassificationReport
  private(set) var quantized: ClassificationReport
  /// Texts whose best label differs.
  private(set) var changedLabels = 0
  private(set) var largestDifference = 0.0
  private var sumOfDifferences = 0.0
  private var logitCount = 0
  /// Compute time in seconds.
  var exactSeconds = 0.0
  var quantizedSeconds = 0.0

  init(labels: [String]) {
    exact = ClassificationReport(labels: labels)
    quantized = ClassificationReport(labels: labels)
  }

  /// The mean absolute difference of the logits.
  var meanDifference: Double { logitCount > 0 ? sumOfDifferences / Double(logitCount) : 0 }

  /// The accuracy of int8 minus that of float32, in percentage points.
  var accuracyPoints: Double { 100 * (quantized.accuracy - exact.accuracy) }

  /// Adds both answers to one text.
  mutating func add(expected: Int, exact left: Classification, quantized right: Classification) {
    exact.add(expected: expected, predicted: left.predictedIndex)
    quantized.add(expected: expected, predicted: right.predictedIndex)
    if left.predictedIndex != right.predictedIndex { changedLabels += 1 }
    for (left, right) in zip(left.logits, right.logits) {
      let difference = Double((left - right).magnitude)
      largestDifference = max(largestDifference, difference)
      sumOfDifferences += difference
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

/// A ``ModelComparison`` as text and as JSON.
enum ComparisonText {
  static func json(_ comparison: ModelComparison, of source: ReportSource) -> JSONValue {
    .object(
      source.json + [
        ("count", .int(comparison.exact.count)),
        ("float32", side(comparison.exact, seconds: comparison.exactSeconds)),
        ("int8", side(comparison.quantized, seconds: comparison.quantizedSeconds)),
        ("accuracy_points", .double(comparison.accuracyPoints)),
        ("changed_labels", .int(comparison.changedLabels)),
        ("largest_logit_difference", .double(comparison.largestDifference)),
        ("mean_logit_difference", .double(comparison.meanDifference)),
      ])
  }

  private static func side(_ report: ClassificationReport, seconds: Double) -> JSONValue {
    .object([
      ("correct", .int(report.correct)), ("accuracy", .double(report.accuracy)),
      ("macro_f1", .double(report.macroAverage.f1)), ("seconds", .double(seconds)),
    ])
  }

  static func text(_ comparison: ModelComparison, terminal: Terminal) -> String {
    var grid = TextGrid(alignments: [.left, .right, .right, .right, .right, .right])
    grid.add(["", "accuracy", "correct", "macro f1", "seconds", "texts/s"])
    grid.add(["float32"] + cells(comparison.exact, seconds: comparison.exactSeconds))
    grid.add(["int8"] + cells(comparison.quantized, seconds: comparison.quantizedSeconds))
    let count = comparison.exact.count
    let share = Double(comparison.changedLabels) / Double(max(count, 1))
    let points = NumberText.fixed(comparison.accuracyPoints, digits: 2)
    var facts = TextGrid(alignments: [.left, .left])
    facts.add(["int8 against float32", ""])
    facts.add(["accuracy", "\(comparison.accuracyPoints > 0 ? "+" : "")\(points) points"])
    facts.add([
      "labels that changed",
      "\(NumberText.grouped(comparison.changedLabels)) of \(NumberText.grouped(count))"
        + " (\(NumberText.percent(share)))",
    ])
    facts.add([
      "logits differ by",
      "\(NumberText.fixed(comparison.meanDifference, digits: 4)) on average,"
        + " \(NumberText.fixed(comparison.largestDifference, digits: 4)) at most",
    ])
    return grid.text(on: terminal) + "\n" + facts.text(on: terminal)
  }

  private static func cells(_ report: ClassificationReport, seconds: Double) -> [String] {
    [
      NumberText.percent(report.accuracy), NumberText.grouped(report.correct),
      NumberText.fixed(report.macroAverage.f1, digits: 4), NumberText.fixed(seconds, digits: 2),
      NumberText.rate(Double(report.count) / max(seconds, 1e-9)),
    ]
  }
}
