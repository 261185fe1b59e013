/// Tokens in aligned columns for people: a table for each text, with an empty line between tables.
struct TokenTableRenderer: AnswerRenderer {
  private let terminal: Terminal
  private var isFirst = true

  init(terminal: Terminal) { self.terminal = terminal }

  mutating func bytes(of row: AnsweredText<TokenizedText>) -> [UInt8] {
    guard let text = row.answer else { return [] }
    defer { isFirst = false }
    return Array(((isFirst ? "" : "\n") + Self.table(text, terminal: terminal)).utf8)
  }

  static func table(_ text: TokenizedText, terminal: Terminal) -> String {
    let titles = ["token", "id", "start", "end"] + (text.isPair ? ["text"] : [])
    var grid = TextGrid(alignments: [.left] + titles.dropFirst().map { _ in .right })
    grid.add(titles)
    for token in text.tokens {
      let offsets = [String(token.offsets.lowerBound), String(token.offsets.upperBound)]
      grid.add(
        [token.text, String(token.id)] + offsets + (text.isPair ? [String(token.typeID + 1)] : []))
    }
    return grid.text(on: terminal) + (text.isTruncated ? "(cut)\n" : "")
  }
}
