import Swiftlet
import SwiftletJSON
import SwiftletTraining

/// The model and the file of a report.
struct ReportSource {
  let model: String
  let file: String
  /// Rows that were skipped because their text is empty.
  let emptyCount: Int

  var json: [JSONValue.Member] {
    [("model", .string(model)), ("file", .string(file)), ("empty", .int(emptyCount))]
  }
}

/// An ``Evaluation`` as text and as JSON.
enum ReportText {
  // MARK: JSON

  static func json(_ evaluation: Evaluation, of source: ReportSource) -> JSONValue {
    let (report, metrics) = (evaluation.report, evaluation.metrics)
    return .object(
      source.json + [
        ("count", .int(report.count)),
        ("correct", .int(report.correct)),
        ("accuracy", .double(report.accuracy)),
        ("accuracy_interval", IntervalText.json(metrics.correct)),
        ("calibration_error", .double(metrics.calibrationError)),
        ("log_loss", .double(metrics.logLoss)),
        ("brier_score", .double(metrics.brierScore)),
        ("macro_average", average(report.macroAverage)),
        ("weighted_average", average(report.weightedAverage)),
        ("classes", .array(report.classes.map(scores))),
        ("confusion", .array(report.confusion.map { .array($0.map(JSONValue.int)) })),
      ]
        + (evaluation.mistakes.map { mistakes in
          [("errors", .array(mistakes.map { json($0, labels: report.labels) }))]
        } ?? []))
  }

  private static func json(_ mistake: Evaluation.Mistake, labels: [String]) -> JSONValue {
    .object([
      ("line", mistake.text.line.map(JSONValue.int) ?? .null),
      ("text", .string(mistake.text.text)),
      ("expected", .string(labels[mistake.expected])),
      ("predicted", .string(labels[mistake.predicted])),
      ("score", .double(mistake.predictedScore)),
      ("expected_score", .double(mistake.expectedScore)),
    ])
  }

  private static func scores(_ scores: ClassScores) -> JSONValue {
    .object([
      ("label", .string(scores.label)), ("precision", .double(scores.precision)),
      ("recall", .double(scores.recall)), ("f1", .double(scores.f1)),
      ("support", .int(scores.support)),
    ])
  }

  private static func average(_ average: AverageScores) -> JSONValue {
    .object([
      ("precision", .double(average.precision)), ("recall", .double(average.recall)),
      ("f1", .double(average.f1)),
    ])
  }

  // MARK: Text

  static func text(_ evaluation: Evaluation, terminal: Terminal) -> String {
    let (report, metrics) = (evaluation.report, evaluation.metrics)
    let head =
      "accuracy  \(NumberText.percent(report.accuracy))"
      + "  (\(NumberText.grouped(report.correct)) of \(NumberText.grouped(report.count)))"
    let interval = metrics.correct.interval
    let facts =
      "95 % interval \(NumberText.percent(interval.lowerBound)) to"
      + " \(NumberText.percent(interval.upperBound));"
      + " calibration error \(NumberText.fixed(metrics.calibrationError, digits: 4))"
    return TextStyle.bold.apply(to: head, on: terminal) + "\n\(facts)\n\n"
      + classTable(report, terminal: terminal) + "\n"
      + confusion(report, terminal: terminal)
      + (evaluation.mistakes.map {
        "\n" + mistakes($0, labels: report.labels, terminal: terminal)
      } ?? "")
  }

  /// The surest mistakes, the text of each in what remains of the line.
  private static func mistakes(
    _ mistakes: [Evaluation.Mistake], labels: [String], terminal: Terminal
  ) -> String {
    guard !mistakes.isEmpty else { return "All answers are the expected labels.\n" }
    let heads = ["line", "expected", "predicted", "score"]
    let cells = mistakes.map { mistake in
      [
        mistake.text.line.map(String.init) ?? "-",
        DisplayText.shorten(labels[mistake.expected], to: 16),
        DisplayText.shorten(labels[mistake.predicted], to: 16),
        NumberText.percent(mistake.predictedScore),
      ]
    }
    let widths = heads.indices.map { column in
      ([heads] + cells).reduce(0) { max($0, DisplayText.width(of: $1[column])) }
    }
    let room = max(8, terminal.width - widths.reduce(0, +) - 2 * heads.count)
    var grid = TextGrid(alignments: [.right, .left, .left, .right, .left])
    grid.add(heads + ["text"])
    for (mistake, cells) in zip(mistakes, cells) {
      grid.add(cells + [DisplayText.shorten(mistake.text.text, to: room)])
    }
    return "surest mistakes:\n" + grid.text(on: terminal)
  }

  private static func classTable(_ report: ClassificationReport, terminal: Terminal) -> String {
    var grid = TextGrid(alignments: [.left, .right, .right, .right, .right])
    grid.add(["", "precision", "recall", "f1", "support"])
    for scores in report.classes {
      grid.add(
        [scores.label] + shares(scores.precision, scores.recall, scores.f1)
          + [NumberText.grouped(scores.support)]
      )
    }
    let total = NumberText.grouped(report.count)
    let macro = report.macroAverage
    let weighted = report.weightedAverage
    grid.add(["macro average"] + shares(macro.precision, macro.recall, macro.f1) + [total])
    grid.add(
      ["weighted average"] + shares(weighted.precision, weighted.recall, weighted.f1) + [total])
    return grid.text(on: terminal)
  }

  private static func shares(_ values: Double...) -> [String] {
    values.map { NumberText.fixed($0, digits: 4) }
  }

  /// The matrix if it fits the terminal, otherwise the pairs that are confused most.
  private static func confusion(_ report: ClassificationReport, terminal: Terminal) -> String {
    var grid = TextGrid(alignments: [.left] + report.labels.map { _ in .right })
    grid.add(["expected \\ predicted"] + report.labels.map { DisplayText.shorten($0, to: 16) })
    for (label, row) in zip(report.labels, report.confusion) {
      grid.add([label] + row.map(NumberText.grouped))
    }
    return grid.width <= terminal.width
      ? grid.text(on: terminal) : worstPairs(report, terminal: terminal)
  }

  private static func worstPairs(_ report: ClassificationReport, terminal: Terminal) -> String {
    var pairs: [(expected: Int, predicted: Int, count: Int)] = []
    for (expected, row) in report.confusion.enumerated() {
      for (predicted, count) in row.enumerated() where count > 0 && expected != predicted {
        pairs.append((expected, predicted, count))
      }
    }
    guard !pairs.isEmpty else { return "Nothing was confused.\n" }
    pairs.sort { ($1.count, $0.expected, $0.predicted) < ($0.count, $1.expected, $1.predicted) }
    var grid = TextGrid(alignments: [.left, .left, .right])
    grid.add(["expected", "predicted", "count"])
    for pair in pairs.prefix(20) {
      let predicted = DisplayText.shorten(
        report.labels[pair.predicted], to: max(8, (terminal.width - 12) / 2))
      grid.add([report.labels[pair.expected], predicted, NumberText.grouped(pair.count)])
    }
    let rest = pairs.count - 20
    let more = rest > 0 ? "… and \(rest) more pairs; --json has the whole matrix\n" : ""
    return "confused most often:\n" + grid.text(on: terminal) + more
  }
}
