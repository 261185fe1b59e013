import SwiftletJSON
import Testing

@testable import SwiftletCLI

@Suite struct TokenizedTextTests {
  private static let text = TokenizedText(
    tokens: [
      TokenizedText.Token(id: 101, text: "[CLS]", offsets: 0..<0, typeID: 0),
      TokenizedText.Token(id: 1864, text: "日", offsets: 0..<1, typeID: 0),
      TokenizedText.Token(id: 102, text: "[SEP]", offsets: 0..<0, typeID: 0),
    ],
    isPair: false,
    isTruncated: false
  )

  @Test func `the JSON object has ids, tokens and offsets`() {
    #expect(
      String(decoding: Self.text.json.line, as: UTF8.self)
        == #"{"ids":[101,1864,102],"tokens":["[CLS]","日","[SEP]"],"offsets":[[0,0],[0,1],[0,0]]}"#
        + "\n"
    )
  }

  @Test func `a pair adds type ids, and a cut text is marked`() {
    let pair = TokenizedText(tokens: Self.text.tokens, isPair: true, isTruncated: true)
    let line = String(decoding: pair.json.line, as: UTF8.self)
    #expect(line.hasSuffix(#","type_ids":[0,0,0],"truncated":true}"# + "\n"))
  }

  @Test func `the table is aligned by display columns`() {
    let terminal = Terminal(isTerminal: true, width: 80, usesColor: false)
    #expect(
      TokenPrinter.table(Self.text, terminal: terminal) == """
        token    id  start  end
        [CLS]   101      0    0
        日     1864      0    1
        [SEP]   102      0    0

        """
    )
  }

  @Test func `in a narrow terminal the first column shrinks`() {
    var grid = TextGrid(alignments: [.left, .right])
    grid.add(["tensor", "size"])
    grid.add(["layer.10.attention.bias", "12 kB"])
    let narrow = Terminal(isTerminal: true, width: 20, usesColor: false)
    #expect(grid.width == 30)
    #expect(grid.text(on: narrow) == "tensor          size\nlayer.10.att…  12 kB\n")
    grid.cutsStart = true
    #expect(grid.text(on: narrow) == "tensor          size\n…tention.bias  12 kB\n")
  }
}
