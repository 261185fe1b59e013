/// Aligned columns for people: number, label, score as a bar and in percent, text; where scores must be
/// good enough, a mark after each.
///
/// Rows come in a stream, so that widths are set before the first one: by the labels, by how many
/// records there will be, and by the first chunk's ids.
struct TableFormatter: ResultFormatter {
  private let layout: ResultLayout
  private let terminal: Terminal
  private let fileWidth: Int
  private let recordWidth: Int
  private let idWidth: Int
  private let labelWidth: Int
  private let barWidth: Int
  private let scoreWidth: Int
  private let textWidth: Int
  private let hasMarks: Bool

  private static let gap = "  "
  private static let shortestText = 12

  /// Settles the widths; the files and ids of `sample`, the first rows, tell how wide these are.
  init(layout: ResultLayout, terminal: Terminal, sample: [ResultRow]) {
    self.layout = layout
    self.terminal = terminal
    recordWidth = String(layout.recordCount ?? 1000).count
    labelWidth = Self.width(of: layout.labels, title: "label", most: min(28, terminal.width / 3))
    scoreWidth = layout.scoresAreProbabilities ? 7 : 9
    hasMarks = layout.showsDecision || layout.showsAccepted
    let fixed = recordWidth + 2 + labelWidth + 2 + scoreWidth + 2 + (hasMarks ? 3 : 0)
    var spare = terminal.width - fixed - Self.shortestText
    func take(_ wanted: Int) -> Int {
      guard wanted > 0, wanted + 2 <= spare else { return 0 }
      spare -= wanted + 2
      return wanted
    }
    let files = layout.showsFile ? sample.compactMap(\.file) : []
    fileWidth = take(files.isEmpty ? 0 : Self.width(of: files, title: "file", most: 20))
    let ids = layout.showsID ? sample.compactMap(\.id) : []
    idWidth = take(ids.isEmpty ? 0 : Self.width(of: ids, title: "id", most: 14))
    barWidth = spare >= 30 && layout.scoresAreProbabilities ? take(10) : 0
    textWidth = max(0, spare + Self.shortestText)
  }

  private static func width(of texts: [String], title: String, most: Int) -> Int {
    let widest = texts.reduce(DisplayText.width(of: title)) { max($0, DisplayText.width(of: $1)) }
    return min(widest, max(most, DisplayText.width(of: title)))
  }

  private var scoreColumns: Int { barWidth > 0 ? barWidth + 1 + scoreWidth : scoreWidth }

  func header() -> [UInt8] {
    var cells: [String] = []
    if fileWidth > 0 { cells.append(DisplayText.pad("file", to: fileWidth)) }
    cells.append(DisplayText.pad("#", to: recordWidth, alignRight: true))
    if idWidth > 0 { cells.append(DisplayText.pad("id", to: idWidth)) }
    cells.append(DisplayText.pad("label", to: labelWidth))
    cells.append(DisplayText.pad("score", to: scoreColumns, alignRight: true))
    if hasMarks { cells.append(" ") }
    if textWidth >= 4 { cells.append("text") }
    let line = TextStyle.dim.apply(to: cells.joined(separator: Self.gap), on: terminal)
    return Array((line + "\n").utf8)
  }

  func append(_ row: ResultRow, to bytes: inout [UInt8]) {
    if row.isEmpty {
      bytes.append(contentsOf: (line(of: row, rank: 0, scored: nil) + "\n").utf8)
    }
    for (rank, scored) in shownScores(of: row).enumerated() {
      bytes.append(contentsOf: line(of: row, rank: rank, scored: scored).utf8)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  /// The labels that were asked for: all that are accepted, the best where none is.
  private func shownScores(of row: ResultRow) -> ArraySlice<ScoredLabel> {
    guard layout.showsAccepted, !layout.listsScores, !row.accepted.isEmpty else {
      return row.scores.prefix(layout.labelsPerRow)
    }
    return row.accepted[...]
  }

  /// Whether a score is good enough for what was asked.
  private func mark(of scored: ScoredLabel, in row: ResultRow, isFirst: Bool) -> String {
    if layout.showsDecision, isFirst, row.abstains { return "?" }
    guard layout.showsAccepted else { return isFirst ? "✓" : " " }
    return row.accepted.contains(scored) ? "✓" : "✗"
  }

  /// The further labels of a row stand below the first, without its number and text. An empty text
  /// has dashes for a label and a score.
  private func line(of row: ResultRow, rank: Int, scored: ScoredLabel?) -> String {
    let isFirst = rank == 0
    var cells: [String] = []
    if fileWidth > 0 { cells.append(cell(isFirst ? row.file ?? "" : "", fileWidth)) }
    let number = isFirst ? String(row.record) : ""
    cells.append(
      TextStyle.dim.apply(
        to: DisplayText.pad(number, to: recordWidth, alignRight: true), on: terminal)
    )
    if idWidth > 0 { cells.append(cell(isFirst ? row.id ?? "" : "", idWidth)) }
    if let scored {
      let color = TextStyle.label(layout.labels.firstIndex(of: scored.label) ?? 0)
      cells.append(color.apply(to: cell(scored.label, labelWidth), on: terminal))
      cells.append(scoreCell(scored.score, color: color))
      if hasMarks { cells.append(mark(of: scored, in: row, isFirst: isFirst)) }
    } else {
      cells.append(DisplayText.pad("-", to: labelWidth))
      cells.append(DisplayText.pad("-", to: scoreColumns, alignRight: true))
      if hasMarks { cells.append(" ") }
    }
    if isFirst { cells.append(textCell(of: row)) }
    return cells.joined(separator: Self.gap)
  }

  private func textCell(of row: ResultRow) -> String {
    let text = DisplayText.shorten(row.text, to: textWidth)
    guard row.isEmpty, text.isEmpty else { return text }
    return TextStyle.dim.apply(to: DisplayText.shorten("(empty)", to: textWidth), on: terminal)
  }

  private func cell(_ text: String, _ width: Int) -> String {
    DisplayText.pad(DisplayText.shorten(text, to: width), to: width)
  }

  private func scoreCell(_ score: Float, color: TextStyle) -> String {
    guard layout.scoresAreProbabilities else {
      let text = NumberText.fixed(Double(score), digits: 4)
      return DisplayText.pad(text, to: scoreWidth, alignRight: true)
    }
    let percent = NumberText.percent(Double(score))
    let text = DisplayText.pad(percent, to: scoreWidth, alignRight: true)
    guard barWidth > 0 else { return text }
    let (filled, empty) = Self.bar(score, width: barWidth)
    return color.apply(to: filled, on: terminal) + TextStyle.dim.apply(to: empty, on: terminal)
      + " " + text
  }

  /// The two parts of a bar that is filled to the share `score`.
  static func bar(_ score: Float, width: Int) -> (filled: String, empty: String) {
    let share = score.isNaN ? 0 : min(max(score, 0), 1)
    let cells = Int((share * Float(width)).rounded())
    return (String(repeating: "█", count: cells), String(repeating: "░", count: width - cells))
  }
}
