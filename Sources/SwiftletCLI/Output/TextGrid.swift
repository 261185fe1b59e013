/// Cells in columns as wide as their widest cell; the first row is the header. If the terminal is
/// too narrow, the first column shrinks.
struct TextGrid {
  enum Alignment {
    case left, right
  }

  /// Whether cells of the first column are cut at their start instead of at their end.
  var cutsStart = false

  private let alignments: [Alignment]
  private var rows: [[String]] = []
  private static let gap = "  "
  private static let minFirstWidth = 8

  init(alignments: [Alignment]) {
    self.alignments = alignments
  }

  /// Adds a row, which may be shorter than the others.
  mutating func add(_ cells: [String]) {
    rows.append(Array(cells.prefix(alignments.count)))
  }

  /// The terminal columns that the widest row takes uncut.
  var width: Int { Self.total(columnWidths) }

  /// The rows, each ending in a line break, without spaces before it.
  func text(on terminal: Terminal) -> String {
    var widths = columnWidths
    if let first = widths.first {
      let room = terminal.width - (Self.total(widths) - first)
      widths[0] = min(first, max(Self.minFirstWidth, room))
    }
    return rows.enumerated().map { index, row in
      let line = line(row, widths: widths)
      return (index == 0 ? TextStyle.dim.apply(to: line, on: terminal) : line) + "\n"
    }.joined()
  }

  private func line(_ row: [String], widths: [Int]) -> String {
    let cells = row.enumerated().map { column, cell in
      let cell = column == 0 ? shortened(cell, to: widths[0]) : cell
      return DisplayText.pad(cell, to: widths[column], alignRight: alignments[column] == .right)
    }
    var line = cells.joined(separator: Self.gap)
    while line.last == " " { line.removeLast() }
    return line
  }

  private func shortened(_ cell: String, to width: Int) -> String {
    cutsStart
      ? DisplayText.shortenStart(cell, to: width) : DisplayText.shorten(cell, to: width)
  }

  private static func total(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + gap.count * max(0, widths.count - 1)
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
