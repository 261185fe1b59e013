import Swiftlet
import SwiftletTraining

/// An ``EvaluationSummary`` as text for people.
struct ReportText {
  let summary: EvaluationSummary
  let terminal: Terminal

  private var evaluation: Evaluation { summary.evaluation }

  static func text(_ summary: EvaluationSummary, terminal: Terminal) -> String {
    ReportText(summary: summary, terminal: terminal).text
  }

  private var text: String {
    ([head] + [classTable, confusion].compactMap(\.self) + extras).joined(separator: "\n")
  }

  // MARK: Figures

  private var head: String {
    let exact = summary.exact
    let name = evaluation.hasSeveralLabels ? "all labels right" : "accuracy"
    let first =
      "\(name)  \(NumberText.percent(exact.value))"
      + "  (\(NumberText.grouped(exact.count)) of \(NumberText.grouped(exact.total)))"
    let (interval, calibration) = (exact.interval, summary.calibration)
    var lines = [
      TextStyle.bold.apply(to: first, on: terminal),
      "95 % interval \(NumberText.percent(interval.lowerBound)) to"
        + " \(NumberText.percent(interval.upperBound)); calibration error "
        + fixed(calibration.error),
      "Brier score \(fixed(calibration.brierScore)); log loss \(fixed(calibration.logLoss))",
    ]
    if let metrics = evaluation.multiLabelMetrics {
      lines.append(
        "micro F1 \(fixed(metrics.microF1)); macro F1 \(fixed(metrics.macroF1))"
          + (metrics.meanAveragePrecision.map { "; mean average precision \(fixed($0))" } ?? ""))
    }
    if summary.source.isPartial {
      lines.insert("partial: the run was interrupted before the end of the file", at: 0)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func fixed(_ value: Double) -> String { NumberText.fixed(value, digits: 4) }

  private var classTable: String {
    evaluation.multiLabelMetrics.map(labelTable) ?? oneLabelTable(evaluation.report)
  }

  private func oneLabelTable(_ report: ClassificationReport) -> String {
    var grid = TextGrid(alignments: [.left, .right, .right, .right, .right])
    grid.add(["", "precision", "recall", "f1", "support"])
    for scores in report.classes {
      grid.add(
        [scores.label] + [scores.precision, scores.recall, scores.f1].map(fixed)
          + [NumberText.grouped(scores.support)])
    }
    let total = NumberText.grouped(report.count)
    for (name, average) in [
      ("macro average", report.macroAverage), ("weighted average", report.weightedAverage),
    ] {
      grid.add([name] + [average.precision, average.recall, average.f1].map(fixed) + [total])
    }
    return grid.text(on: terminal)
  }

  private func labelTable(_ metrics: MultiLabelMetrics) -> String {
    var grid = TextGrid(alignments: [.left] + [TextGrid.Alignment](repeating: .right, count: 5))
    grid.add(["", "precision", "recall", "f1", "average precision", "support"])
    for (score, precision) in zip(metrics.perLabel, metrics.averagePrecisions) {
      grid.add(
        [score.label] + [score.precision, score.recall, score.f1].map(fixed)
          + [precision.map(fixed) ?? "-", NumberText.grouped(score.support)])
    }
    return grid.text(on: terminal)
  }

  // MARK: Confusion

  /// The matrix if it fits the terminal, otherwise the pairs that are confused most; nil for several
  /// labels.
  private var confusion: String? {
    guard !evaluation.hasSeveralLabels else { return nil }
    let report = evaluation.report
    var grid = TextGrid(alignments: [.left] + report.labels.map { _ in .right })
    grid.add(["expected \\ predicted"] + report.labels.map { DisplayText.shorten($0, to: 16) })
    for (label, row) in zip(report.labels, report.confusion) {
      grid.add([label] + row.map(NumberText.grouped))
    }
    return grid.width <= terminal.width ? grid.text(on: terminal) : worstPairs(report)
  }

  private func worstPairs(_ report: ClassificationReport) -> String {
    let pairs = report.confusedPairs
    guard !pairs.isEmpty else { return "Nothing was confused.\n" }
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

  /// A table under a title, whose last column is a text in what remains of the line.
  func table(
    _ title: String, heads: [String], alignments: [TextGrid.Alignment], rows: [[String]]
  ) -> String {
    let widths = heads.indices.dropLast().map { column in
      ([heads] + rows).reduce(0) { max($0, DisplayText.width(of: $1[column])) }
    }
    let room = max(8, terminal.width - widths.reduce(0, +) - 2 * widths.count)
    var grid = TextGrid(alignments: alignments)
    grid.add(heads)
    for row in rows {
      grid.add(row.dropLast() + [DisplayText.shorten(row.last ?? "", to: room)])
    }
    return title + "\n" + grid.text(on: terminal)
  }
}

extension ClassificationReport {
  /// Pairs of different labels with their counts, the most frequent first.
  var confusedPairs: [(expected: Int, predicted: Int, count: Int)] {
    var pairs: [(expected: Int, predicted: Int, count: Int)] = []
    for (expected, row) in confusion.enumerated() {
      for (predicted, count) in row.enumerated() where count > 0 && expected != predicted {
        pairs.append((expected, predicted, count))
      }
    }
    return pairs.sorted {
      ($1.count, $0.expected, $0.predicted) < ($0.count, $1.expected, $1.predicted)
    }
  }
}
