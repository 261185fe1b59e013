import Swiftlet

/// Classifications in aligned columns for people: number, label, score as a bar and in percent,
/// text. A mark follows each score if a minimum was asked for.
///
/// Rows arrive in a stream, so widths are set before the first row: by the labels, the number of
/// records, and the ids of the first chunk.
struct TableRenderer: AnswerRenderer {
  private var layout: ClassificationLayout
  private let terminal: Terminal
  private var widths = Widths()
  private let hasMarks: Bool

  private static let gap = "  "
  private static let shortestText = 12

  /// The columns of the terminal that each cell takes; 0 for a cell that is left out.
  private struct Widths {
    var file = 0
    var record = 0
    var id = 0
    var label = 0
    var bar = 0
    var score = 0
    var text = 0
  }

  init(layout: ClassificationLayout, terminal: Terminal) {
    self.layout = layout
    self.terminal = terminal
    hasMarks = layout.showsDecision || layout.showsAccepted
  }

  /// Sets the widths by the files and ids of the first rows; without rows there is no header.
  mutating func begin(with rows: [AnsweredText<Classification>]) -> [UInt8] {
    guard !rows.isEmpty else { return [] }
    layout.settle(by: rows)
    widths.record = String(layout.recordCount ?? 1000).count
    widths.label = Self.width(of: layout.labels, title: "label", most: min(28, terminal.width / 3))
    widths.score = layout.scoresAreProbabilities ? 7 : 9
    let fixed = widths.record + 2 + widths.label + 2 + widths.score + 2 + (hasMarks ? 3 : 0)
    var spare = terminal.width - fixed - Self.shortestText
    func take(_ wanted: Int) -> Int {
      guard wanted > 0, wanted + 2 <= spare else { return 0 }
      spare -= wanted + 2
      return wanted
    }
    let files = layout.showsFile ? rows.compactMap(\.text.file) : []
    widths.file = take(files.isEmpty ? 0 : Self.width(of: files, title: "file", most: 20))
    let ids = layout.showsID ? rows.compactMap(\.text.id) : []
    widths.id = take(ids.isEmpty ? 0 : Self.width(of: ids, title: "id", most: 14))
    widths.bar = spare >= 30 && layout.scoresAreProbabilities ? take(10) : 0
    widths.text = max(0, spare + Self.shortestText)
    return header()
  }

  private static func width(of texts: [String], title: String, most: Int) -> Int {
    let widest = texts.reduce(DisplayText.width(of: title)) { max($0, DisplayText.width(of: $1)) }
    return min(widest, max(most, DisplayText.width(of: title)))
  }

  private var scoreColumns: Int { widths.bar > 0 ? widths.bar + 1 + widths.score : widths.score }

  private func header() -> [UInt8] {
    var cells: [String] = []
    if widths.file > 0 { cells.append(DisplayText.pad("file", to: widths.file)) }
    cells.append(DisplayText.pad("#", to: widths.record, alignRight: true))
    if widths.id > 0 { cells.append(DisplayText.pad("id", to: widths.id)) }
    cells.append(DisplayText.pad("label", to: widths.label))
    cells.append(DisplayText.pad("score", to: scoreColumns, alignRight: true))
    if hasMarks { cells.append(" ") }
    if widths.text >= 4 { cells.append("text") }
    let line = TextStyle.dim.apply(to: cells.joined(separator: Self.gap), on: terminal)
    return Array((line + "\n").utf8)
  }

  func bytes(of row: AnsweredText<Classification>) -> [UInt8] {
    guard let answer = row.answer else { return Array((line(of: row, rank: 0) + "\n").utf8) }
    let lines = shownScores(of: answer).enumerated().map { rank, scored in
      line(of: row, rank: rank, scored: scored, mark: mark(of: scored, in: answer, rank: rank))
    }
    return Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  /// The labels that were asked for: all that are accepted, or the best if none is.
  private func shownScores(of answer: Classification) -> ArraySlice<LabelScore> {
    guard layout.showsAccepted, !layout.listsScores, !answer.accepted.isEmpty else {
      return answer.scores.prefix(layout.labelsPerRow)
    }
    return answer.accepted[...]
  }

  /// Whether a score is good enough for what was asked.
  private func mark(of scored: LabelScore, in answer: Classification, rank: Int) -> String {
    if layout.showsDecision, rank == 0, answer.decision == nil { return "?" }
    guard layout.showsAccepted else { return rank == 0 ? "✓" : " " }
    return answer.accepted.contains(scored) ? "✓" : "✗"
  }

  /// The further labels of a row follow on lines of their own, without its number and text. An empty
  /// text has dashes for a label and a score.
  private func line(
    of row: AnsweredText<Classification>, rank: Int, scored: LabelScore? = nil, mark: String = " "
  ) -> String {
    let isFirst = rank == 0
    var cells: [String] = []
    if widths.file > 0 { cells.append(cell(isFirst ? row.text.file ?? "" : "", widths.file)) }
    let number = DisplayText.pad(
      isFirst ? String(row.text.record) : "", to: widths.record, alignRight: true)
    cells.append(TextStyle.dim.apply(to: number, on: terminal))
    if widths.id > 0 { cells.append(cell(isFirst ? row.text.id ?? "" : "", widths.id)) }
    if let scored {
      let color = TextStyle.label(layout.labels.firstIndex(of: scored.label) ?? 0)
      cells.append(color.apply(to: cell(scored.label, widths.label), on: terminal))
      cells.append(scoreCell(scored.score, color: color))
    } else {
      cells.append(DisplayText.pad("-", to: widths.label))
      cells.append(DisplayText.pad("-", to: scoreColumns, alignRight: true))
    }
    if hasMarks { cells.append(mark) }
    if isFirst { cells.append(textCell(of: row)) }
    return cells.joined(separator: Self.gap)
  }

  private func textCell(of row: AnsweredText<Classification>) -> String {
    let text = DisplayText.shorten(row.text.text, to: widths.text)
    guard row.answer == nil, text.isEmpty else { return text }
    return TextStyle.dim.apply(
      to: DisplayText.shorten("(\(row.text.problem ?? "empty"))", to: widths.text), on: terminal)
  }

  private func cell(_ text: String, _ width: Int) -> String {
    DisplayText.pad(DisplayText.shorten(text, to: width), to: width)
  }

  private func scoreCell(_ score: Float, color: TextStyle) -> String {
    guard layout.scoresAreProbabilities else {
      let text = NumberText.fixed(Double(score), digits: 4)
      return DisplayText.pad(text, to: widths.score, alignRight: true)
    }
    let percent = NumberText.percent(Double(score))
    let text = DisplayText.pad(percent, to: widths.score, alignRight: true)
    guard widths.bar > 0 else { return text }
    let (filled, empty) = Self.bar(score, width: widths.bar)
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
