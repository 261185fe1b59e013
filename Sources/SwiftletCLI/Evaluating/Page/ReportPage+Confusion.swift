import Swiftlet

extension ReportPage {
  /// More labels than this make a list of pairs instead of a matrix.
  private static var matrixLimit: Int { 20 }

  /// The matrix of expected and predicted labels; nothing for several labels.
  var confusion: Markup {
    guard !evaluation.hasSeveralLabels else { return "" }
    let report = evaluation.report
    return section(
      "Confusion",
      report.labels.count <= Self.matrixLimit ? matrix(report) : pairs(report))
  }

  /// Cells are shaded by their share of the row: blue for right answers, orange for wrong ones.
  private func matrix(_ report: ClassificationReport) -> Markup {
    let heads = report.labels.map { label -> Markup in "<th scope=\"col\">\(label)</th>" }
    let rows = zip(report.labels, report.confusion).enumerated().map { expected, row -> Markup in
      let total = max(1, row.1.reduce(0, +))
      let cells = row.1.enumerated().map { predicted, count in
        cell(count, of: total, isRight: expected == predicted)
      }
      return "<tr><th scope=\"row\" dir=\"auto\">\(row.0)</th>\(cells)</tr>\n"
    }
    return """
      <p class="dim">Rows: the label in the file. Columns: the answer.</p>
      <div class="wide"><table class="matrix\(report.labels.count > 6 ? " many" : "")">
      <thead><tr><td></td>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody></table></div>

      """
  }

  private func cell(_ count: Int, of total: Int, isRight: Bool) -> Markup {
    let share = Double(count) / Double(total)
    let color: Markup = isRight ? "var(--heat)" : "var(--wrong)"
    return """
      <td style="background:color-mix(in srgb,\(color) \(100 * share)%,transparent)" \
      title="\(percent(share)) of the row">\(NumberText.grouped(count))</td>
      """
  }

  private func pairs(_ report: ClassificationReport) -> Markup {
    let pairs = report.confusedPairs
    guard !pairs.isEmpty else { return "<p>Nothing was confused.</p>\n" }
    var table = PageTable([
      .init(head: "label in the file"), .init(head: "answer"), .init(head: "rows", kind: .number),
    ])
    for pair in pairs.prefix(30) {
      table.add([
        "\(report.labels[pair.expected])", "\(report.labels[pair.predicted])",
        "\(NumberText.grouped(pair.count))",
      ])
    }
    return table.html + more(pairs.count - 30, "pairs")
  }

  /// A line that says how many are not shown; empty for none.
  func more(_ count: Int, _ what: String) -> Markup {
    count > 0 ? "<p class=\"dim\">… and \(NumberText.grouped(count)) more \(what).</p>\n" : ""
  }
}
