import Swiftlet
import SwiftletTraining

/// The parts of the text that are printed on request.
extension ReportText {
  var extras: [String] {
    [
      summary.showsBins ? bins : nil,
      summary.groupColumn.flatMap(groups),
      summary.temperature.map(temperature),
    ].compactMap(\.self) + summary.thresholds.map(thresholds)
      + [
        summary.listsMistakes ? mistakes : nil,
        summary.issues.map(issues),
        summary.duplicates.map(duplicates),
      ].compactMap(\.self)
  }

  private func share(_ value: Double) -> String { NumberText.percent(value) }

  private func interval(_ share: Proportion) -> String {
    let interval = share.interval
    return "\(NumberText.percent(interval.lowerBound)) to"
      + " \(NumberText.percent(interval.upperBound))"
  }

  private var bins: String {
    let isSeveral = summary.evaluation.hasSeveralLabels
    var grid = TextGrid(alignments: [.right, .right, .right, .right, .right])
    grid.add([
      "score", isSeveral ? "labels" : "rows", "mean score", isSeveral ? "true" : "right",
      "95 % interval",
    ])
    for bin in summary.calibration.bins where bin.correct.total > 0 {
      grid.add([
        "\(NumberText.fixed(bin.range.lowerBound, digits: 2)) to"
          + " \(NumberText.fixed(bin.range.upperBound, digits: 2))",
        NumberText.grouped(bin.correct.total), share(bin.confidence), share(bin.correct.value),
        interval(bin.correct),
      ])
    }
    return "calibration:\n" + grid.text(on: terminal)
  }

  private func groups(by column: String) -> String? {
    guard let groups = summary.evaluation.groups?.sorted else { return nil }
    let isSeveral = summary.evaluation.hasSeveralLabels
    var grid = TextGrid(alignments: [.left, .right, .right, .right, .right, .right])
    grid.add([
      DisplayText.shorten(column, to: 40), "rows", isSeveral ? "all right" : "accuracy",
      "95 % interval", isSeveral ? "micro f1" : "macro f1", "calibration error",
    ])
    for group in groups {
      grid.add([
        group.name.isEmpty ? "(empty)" : DisplayText.shorten(group.name, to: 40),
        NumberText.grouped(group.exact.total), share(group.exact.value), interval(group.exact),
        NumberText.fixed(isSeveral ? group.microF1 : group.macroF1, digits: 4),
        NumberText.fixed(group.calibrationError, digits: 4),
      ])
    }
    return grid.text(on: terminal)
  }

  private func temperature(_ fit: TemperatureFit) -> String {
    func change(_ before: Double, _ after: Double) -> String {
      "\(NumberText.fixed(before, digits: 4)) to \(NumberText.fixed(after, digits: 4))"
    }
    return "temperature, fitted and measured on these rows:\n  --temperature \(fit.temperature)\n"
      + "calibration error \(change(fit.before.calibrationError, fit.after.calibrationError));"
      + " log loss \(change(fit.before.logLoss, fit.after.logLoss))\n"
      + (fit.isLimit
        ? "This is the limit of the fit: the scores say little about these rows, or all.\n" : "")
  }

  private func thresholds(_ table: ThresholdTable) -> String {
    var grid = TextGrid(alignments: [.left, .right, .right, .right, .right, .right])
    grid.add(["", "threshold", "precision", "95 % interval", "recall", "95 % interval"])
    for (label, choice) in zip(table.labels, table.choices) {
      guard let choice else {
        grid.add([label, "-"])
        continue
      }
      grid.add([
        label, "\(choice.threshold)", share(choice.precision), interval(choice.precisionShare),
        share(choice.recall), interval(choice.recallShare),
      ])
    }
    let missing = table.missing.map { DisplayText.shorten($0, to: 40) }.joined(separator: ", ")
    let note = missing.isEmpty ? "" : "No threshold reaches \(table.goal.text) for \(missing).\n"
    let line = DisplayText.oneLine(ShellText.line(table.options))
    let options = line.isEmpty ? "" : "  \(line)\n"
    return "thresholds with at least \(table.goal.text), on these rows:\n"
      + grid.text(on: terminal) + note + options
  }

  /// The surest mistakes, the text of each in what remains of the line.
  private var mistakes: String {
    let mistakes = summary.evaluation.mistakes.list
    guard !mistakes.isEmpty else {
      return summary.exact.count == summary.exact.total
        ? "All answers are the expected labels.\n" : ""
    }
    return table(
      "surest mistakes:", heads: ["line", "expected", "predicted", "score", "text"],
      alignments: [.right, .left, .left, .right, .left],
      rows: mistakes.map { mistake in
        [
          mistake.text.line.map(String.init) ?? "-",
          DisplayText.shorten(summary.names(mistake.expected), to: 24),
          DisplayText.shorten(summary.names(mistake.predicted), to: 24),
          NumberText.percent(Double(mistake.score)), mistake.text.text,
        ]
      })
  }

  private func issues(_ list: IssueList) -> String {
    let count = NumberText.grouped(list.rows.count)
    guard !list.rows.isEmpty else {
      return "No label is probably wrong (\(list.filter.rawValue)).\n"
    }
    return table(
      "\(count) \(list.rows.count == 1 ? "label is" : "labels are") probably wrong"
        + " (\(list.filter.rawValue)); the surest:",
      heads: ["line", "label", "suggested", "p(label)", "text"],
      alignments: [.right, .left, .left, .right, .left],
      rows: list.rows.prefix(5).map { row in
        [
          row.text.line.map(String.init) ?? "-",
          DisplayText.shorten(summary.labels[row.issue.given], to: 16),
          DisplayText.shorten(summary.labels[row.issue.suggested], to: 16),
          NumberText.percent(row.issue.selfConfidence), row.text.text,
        ]
      })
  }

  // MARK: Duplicates

  private func duplicates(_ report: DuplicateReport) -> String {
    let lines = report.sentences.map { "  \($0)\n" }
    let shown = report.groups.prefix(10)
    guard !shown.isEmpty else { return "duplicates:\n" + lines.joined() }
    return "duplicates:\n" + lines.joined()
      + table(
        "", heads: ["rows", "labels", "text"], alignments: [.left, .left, .left],
        rows: shown.map { group in
          let places = group.places.prefix(3).map(report.name).joined(separator: ", ")
          let rest = group.places.count - 3
          return [
            DisplayText.shorten(places, to: 60) + (rest > 0 ? " and \(rest) more" : ""),
            DisplayText.shorten(group.labels.joined(separator: ", "), to: 30), group.text,
          ]
        })
      + (report.groups.count > shown.count
        ? "… and \(NumberText.grouped(report.groups.count - shown.count)) more; --json has all\n"
        : "")
  }
}

extension DuplicateReport {
  /// How many texts occur more than once, in sentences without a full stop.
  var sentences: [String] {
    let file = DisplayText.oneLine(file)
    var sentences = [
      sentence(
        repeated, "occur more than once in \(file)", "occurs more than once in \(file)",
        "different labels")
    ]
    if let otherFile {
      let other = DisplayText.oneLine(otherFile)
      sentences.append(
        sentence(
          shared, "of \(file) are also in \(other)", "of \(file) is also in \(other)",
          "another label there"))
    }
    let count = NumberText.grouped(near.count)
    sentences.append(
      "\(count) \(near.count == 1 ? "text nearly equals" : "texts nearly equal") an earlier one"
        + " (at least 80 % of all runs of five words)")
    return sentences
  }

  private func sentence(
    _ groups: [DuplicateTally.Group], _ many: String, _ one: String, _ labels: String
  ) -> String {
    let different = groups.count { $0.labels.count > 1 }
    return "\(NumberText.grouped(groups.count))"
      + (groups.count == 1 ? " text \(one)" : " texts \(many)")
      + (different > 0 ? "; \(NumberText.grouped(different)) with \(labels)" : "")
  }
}
