import Swiftlet
import SwiftletTraining

/// An ``EvaluationSummary`` as one page for a browser, which loads nothing from elsewhere.
struct ReportPage {
  let summary: EvaluationSummary

  var evaluation: Evaluation { summary.evaluation }

  static func html(_ summary: EvaluationSummary) -> String {
    ReportPage(summary: summary).html.text
  }

  private var html: Markup {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>\(summary.source.file): evaluation</title>
    <style>
    \(PageStyle.css)
    </style>
    </head>
    <body><main>
    \(header)<div class="tiles">
    \(tiles)</div>
    <div class="grid2">
    \(labels)\(confusion)</div>
    <div class="grid2">
    \(calibration)\(scores)</div>
    \(extras)<footer>Written by swiftlet \("\(ProjectVersion.text)").</footer>
    </main></body>
    </html>

    """
  }

  func section(_ title: String, _ contents: Markup) -> Markup {
    """
    <section><h2>\(title)</h2>
    \(contents)</section>

    """
  }

  func fixed(_ value: Double) -> String { NumberText.fixed(value, digits: 4) }
  func percent(_ value: Double) -> String { NumberText.percent(value) }

  func interval(_ share: Proportion) -> String {
    "\(percent(share.interval.lowerBound)) to \(percent(share.interval.upperBound))"
  }

  // MARK: Head

  private var header: Markup {
    let source = summary.source
    var facts = ["\(NumberText.grouped(evaluation.count)) rows"]
    if source.emptyCount > 0 {
      facts.append("\(NumberText.grouped(source.emptyCount)) without a text left out")
    }
    if let skipped = source.skippedCount, skipped > 0 {
      facts.append("\(NumberText.grouped(skipped)) without a known label left out")
    }
    return """
      <h1>\(source.model) on \(source.file)</h1>
      <p class="dim">\(facts.joined(separator: ", ")).</p>

      """
  }

  private var tiles: Markup {
    let exact = summary.exact
    let calibration = summary.calibration
    var tiles: [Markup] = []
    func add(_ name: String, _ value: String, _ note: String) {
      tiles.append(
        "<div class=\"tile\"><span>\(name)</span><b>\(value)</b><span>\(note)</span></div>\n")
    }
    let rows = "\(NumberText.grouped(exact.count)) of \(NumberText.grouped(exact.total)) rows"
    add(
      evaluation.hasSeveralLabels ? "All labels right" : "Accuracy", percent(exact.value),
      "95 % interval \(interval(exact)); \(rows)")
    if let metrics = evaluation.multiLabelMetrics {
      add("Micro F1", fixed(metrics.microF1), "over the counts of all labels")
      add("Macro F1", fixed(metrics.macroF1), "mean over labels")
      if let precision = metrics.meanAveragePrecision {
        add("Mean average precision", fixed(precision), "mean over labels")
      }
    } else {
      add("Macro F1", fixed(evaluation.report.macroAverage.f1), "mean over labels")
    }
    add("Calibration error", fixed(calibration.error), "0 for scores that equal accuracy")
    add("Brier score", fixed(calibration.brierScore), "lower is better")
    add("Log loss", fixed(calibration.logLoss), "lower is better")
    return Markup(tiles)
  }

  // MARK: Labels

  private var labels: Markup {
    var table = PageTable([
      .init(head: "label"), .init(head: "precision", kind: .number),
      .init(head: "recall", kind: .number), .init(head: "F1", kind: .number),
      .init(head: "rows", kind: .number),
    ])
    for row in labelRows {
      let bar: Markup = "<span class=\"bar\" style=\"width:\(100 * row.f1)%\"></span>"
      table.add([
        "\(row.label)\(bar)", "\(fixed(row.precision))", "\(fixed(row.recall))",
        "\(fixed(row.f1))", "\(NumberText.grouped(row.support))",
      ])
    }
    return section("Labels", table.html)
  }

  private typealias LabelRow = (
    label: String, precision: Double, recall: Double, f1: Double, support: Int
  )

  private var labelRows: [LabelRow] {
    if let metrics = evaluation.multiLabelMetrics {
      return metrics.perLabel.map { ($0.label, $0.precision, $0.recall, $0.f1, $0.support) }
    }
    return evaluation.report.classes.map {
      ($0.label, $0.precision, $0.recall, $0.f1, $0.support)
    }
  }

  // MARK: Charts

  private var calibration: Markup {
    let chart = CalibrationChart(bins: summary.calibration.bins).svg
    let what =
      evaluation.hasSeveralLabels
      ? "how often a label with a score in a range is true"
      : "how often an answer with a score in a"
        + " range is right"
    return section(
      "Calibration",
      """
      <p class="dim">Bars: \(what), with the 95 % interval. Dashed: a calibrated model.</p>
      <div class="chart">\(chart)</div>

      """)
  }

  /// The labels with the most rows, in the model's order.
  private var scores: Markup {
    guard let histograms = evaluation.histograms else { return "" }
    let rows = labelRows
    let shown = rows.indices.sorted { (-rows[$0].support, $0) < (-rows[$1].support, $1) }
      .prefix(12).sorted()
    let figures = shown.map { label in
      HistogramChart(
        label: rows[label].label, with: histograms.with[label], without: histograms.without[label]
      ).figure
    }
    let rest = rows.count - shown.count
    let note = rest > 0 ? " Shown are the \(shown.count) labels with the most rows." : ""
    return section(
      "Scores of each label",
      """
      <p class="dim"><span class="key"></span> rows with the label, <span class="key o"></span> rows \
      without it; each scaled to its highest bar.\(note)</p>
      <div class="scores">
      \(figures)</div>

      """)
  }
}
