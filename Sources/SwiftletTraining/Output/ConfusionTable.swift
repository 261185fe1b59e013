/// The confusion matrix of a model card: in full for a few labels, or else its largest errors.
struct ConfusionTable {
  private let labels: [String]
  private let counts: [[Int]]

  /// The most labels of a table that still fits a page.
  private static let fullLimit = 12
  private static let errorLimit = 20

  /// Nil without a square matrix for the labels.
  init?(_ report: TrainingReport) {
    labels = report.labels.map { MarkdownText.escaped($0.name) }
    counts = report.confusion
    let isSquare = counts.count == labels.count && counts.allSatisfy { $0.count == labels.count }
    guard !labels.isEmpty, isSquare else { return nil }
  }

  var text: String {
    "## Confusion matrix\n\n" + (labels.count <= Self.fullLimit ? matrix : errors)
  }

  private var matrix: String {
    "Rows are true labels, columns are answers.\n\n"
      + MarkdownText.table(
        ["true label"] + labels,
        zip(labels, counts).enumerated().map { index, row in
          ["**\(row.0)**"]
            + row.1.enumerated().map { column, count in
              column == index ? "**\(count)**" : "\(count)"
            }
        })
  }

  private var errors: String {
    var found: [(truth: Int, answer: Int, count: Int)] = []
    for (truth, row) in counts.enumerated() {
      for (answer, count) in row.enumerated() where answer != truth && count > 0 {
        found.append((truth, answer, count))
      }
    }
    guard !found.isEmpty else { return "All answers are the true labels.\n" }
    found.sort { left, right in
      (-left.count, left.truth, left.answer) < (-right.count, right.truth, right.answer)
    }
    let total = found.reduce(0) { $0 + $1.count }
    let shown = found.prefix(Self.errorLimit)
    let rows = shown.map { error in
      let share = Double(error.count) / Double(counts[error.truth].reduce(0, +))
      return [
        labels[error.truth], labels[error.answer], "\(error.count)", DecimalText.percent(share),
      ]
    }
    return "The most frequent of \(DecimalText.grouped(total)) errors.\n\n"
      + MarkdownText.table(
        ["true label", "answer", "rows", "share of the label"], rows, numbersFrom: 2)
  }
}
