import Swiftlet
import SwiftletTraining

/// The sections that are there on request, and the surest mistakes.
extension ReportPage {
  var extras: Markup {
    let fits =
      (summary.temperature.map { [temperature($0)] } ?? []) + summary.thresholds.map(thresholds)
    let lists = [
      summary.groupColumn.flatMap(groups), mistakes, summary.issues.map(issues),
      summary.duplicates.map(duplicates),
    ]
    let grid: Markup = fits.isEmpty ? "" : "<div class=\"grid2\">\n\(fits)</div>\n"
    return "\(grid)<div class=\"stack\">\n\(lists.compactMap(\.self))</div>\n"
  }

  // MARK: Fits

  private func temperature(_ fit: TemperatureFit) -> Markup {
    var table = PageTable([
      .init(head: ""), .init(head: "before", kind: .number), .init(head: "after", kind: .number),
    ])
    table.add([
      "calibration error", "\(fixed(fit.before.calibrationError))",
      "\(fixed(fit.after.calibrationError))",
    ])
    table.add(["log loss", "\(fixed(fit.before.logLoss))", "\(fixed(fit.after.logLoss))"])
    return section(
      "Temperature",
      """
      <p class="dim">Fitted and measured on these rows.</p>
      \(table.html)<p></p><code>--temperature \("\(fit.temperature)")</code>

      """)
  }

  private func thresholds(_ table: ThresholdTable) -> Markup {
    var rows = PageTable([
      .init(head: "label"), .init(head: "threshold", kind: .number),
      .init(head: "precision", kind: .number), .init(head: "recall", kind: .number),
    ])
    for (label, choice) in zip(table.labels, table.choices) {
      guard let choice else {
        rows.add(["\(label)", "none", "", ""])
        continue
      }
      rows.add([
        "\(label)", "\("\(choice.threshold)")", share(choice.precisionShare),
        share(choice.recallShare),
      ])
    }
    let options: Markup =
      table.options.isEmpty ? "" : "<p></p><code>\(ShellText.line(table.options))</code>\n"
    return section("Thresholds with at least \(table.goal.text)", rows.html + options)
  }

  private func share(_ share: Proportion) -> Markup {
    "\(percent(share.value))<br><span class=\"dim\">\(interval(share))</span>"
  }

  // MARK: Lists

  private func groups(by column: String) -> Markup? {
    guard let groups = evaluation.groups?.sorted else { return nil }
    let isSeveral = evaluation.hasSeveralLabels
    var table = PageTable([
      .init(head: column), .init(head: "rows", kind: .number),
      .init(head: isSeveral ? "all labels right" : "accuracy", kind: .number),
      .init(head: "95 % interval", kind: .number),
      .init(head: isSeveral ? "micro F1" : "macro F1", kind: .number),
      .init(head: "calibration error", kind: .number),
    ])
    for group in groups.prefix(200) {
      let name = group.name.isEmpty ? "(empty)" : group.name
      table.add([
        "\(name)<span class=\"bar\" style=\"width:\(100 * group.exact.value)%\"></span>",
        "\(NumberText.grouped(group.exact.total))", "\(percent(group.exact.value))",
        "\(interval(group.exact))", "\(fixed(isSeveral ? group.microF1 : group.macroF1))",
        "\(fixed(group.calibrationError))",
      ])
    }
    return section("By \(column)", table.html + more(groups.count - 200, "values"))
  }

  private var mistakes: Markup {
    var table = PageTable([
      .init(head: "line", kind: .number), .init(head: "expected"), .init(head: "predicted"),
      .init(head: "score", kind: .number), .init(head: "text", kind: .passage),
    ])
    let mistakes = evaluation.mistakes.list
    guard !mistakes.isEmpty else {
      return section("Surest mistakes", "<p>All answers are the expected labels.</p>\n")
    }
    for mistake in mistakes {
      table.add([
        "\(mistake.text.line.map(String.init) ?? "-")", "\(summary.names(mistake.expected))",
        "\(summary.names(mistake.predicted))", "\(percent(Double(mistake.score)))",
        passage(mistake.text.text, mistake.text.pair),
      ])
    }
    return section("Surest mistakes", table.html)
  }

  private func issues(_ list: IssueList) -> Markup {
    guard !list.rows.isEmpty else {
      return section("Label issues", "<p>No label is probably wrong.</p>\n")
    }
    var table = PageTable([
      .init(head: "line", kind: .number), .init(head: "label"), .init(head: "suggested"),
      .init(head: "p(label)", kind: .number), .init(head: "text", kind: .passage),
    ])
    for row in list.rows.prefix(50) {
      table.add([
        "\(row.text.line.map(String.init) ?? "-")", "\(summary.labels[row.issue.given])",
        "\(summary.labels[row.issue.suggested])", "\(percent(row.issue.selfConfidence))",
        passage(row.text.text, row.text.pair),
      ])
    }
    return section(
      "Label issues",
      """
      <p class="dim">\(NumberText.grouped(list.rows.count)) labels are probably wrong, by confident \
      learning (\(list.filter.rawValue)).</p>
      \(table.html)\(more(list.rows.count - 50, "rows are in the file of --label-issues"))
      """)
  }

  private func duplicates(_ report: DuplicateReport) -> Markup {
    let lines = report.sentences.map { line -> Markup in "<p>\(line).</p>\n" }
    let groups = report.groups.prefix(50)
    guard !groups.isEmpty else { return section("Duplicates", Markup(lines)) }
    var table = PageTable([
      .init(head: "rows"), .init(head: "labels"), .init(head: "text", kind: .passage),
    ])
    for group in groups {
      let places = group.places.prefix(10).map(report.name).joined(separator: ", ")
      let rest = group.places.count - 10
      table.add([
        "\(places)\(rest > 0 ? " and \(rest) more" : "")",
        "\(group.labels.joined(separator: ", "))", passage(group.text, nil),
      ])
    }
    return section(
      "Duplicates", Markup(lines) + table.html + more(report.groups.count - 50, "texts"))
  }

  /// At most 600 characters of a text.
  private func passage(_ text: String, _ pair: String?) -> Markup {
    let text = DisplayText.shorten(text, to: 600)
    guard let pair else { return "\(text)" }
    return "\(text)<br><span class=\"dim\">\(DisplayText.shorten(pair, to: 600))</span>"
  }
}
