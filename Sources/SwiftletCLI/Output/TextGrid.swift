/// Cells in columns as wide as their widest cell; the first row is the header.
struct TextGrid {
  enum Alignment {
    case left, right
  }

  /// Where the first column's cells are cut.
  var firstColumnLimit = 60
  /// Whether they are cut at their start instead of at their end.
  var cutsStart = false

  private let alignments: [Alignment]
  private var rows: [[String]] = []
  private static let gap = "  "

  init(alignments: [Alignment]) {
    self.alignments = alignments
  }

  /// Adds a row, which may be shorter than the others.
  mutating func add(_ cells: [String]) {
    var cells = cells
    if let first = cells.first {
      cells[0] =
        cutsStart
        ? DisplayText.shortenStart(first, to: firstColumnLimit)
        : DisplayText.shorten(first, to: firstColumnLimit)
    }
    rows.append(Array(cells.prefix(alignments.count)))
  }

  /// The columns of a terminal that the widest row takes.
  var width: Int {
    let widths = columnWidths
    return widths.reduce(0, +) + Self.gap.count * max(0, widths.count - 1)
  }

  /// The rows, each ending in a line break, without spaces before it.
  func text(on terminal: Terminal) -> String {
    let widths = columnWidths
    var text = ""
    for (index, row) in rows.enumerated() {
      let cells = row.enumerated().map { column, cell in
        DisplayText.pad(cell, to: widths[column], alignRight: alignments[column] == .right)
      }
      var line = cells.joined(separator: Self.gap)
      while line.last == " " { line.removeLast() }
      text += index == 0 ? TextStyle.dim.apply(to: line, on: terminal) : line
      text += "\n"
    }
    return text
  }

  private var columnWidths: [Int] {
    var widths = Array(repeating: 0, count: alignments.count)
    for row in rows {
      for (column, cell) in row.enumerated() {
        widths[column] = max(widths[column], DisplayText.width(of: cell))
      }
    }
    return widths
  }
}
