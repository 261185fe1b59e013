import SwiftletJSON
import Testing

@testable import SwiftletCLI

@Suite struct TokenizedTextTests {
  private static let text = TokenizedText(
    tokens: [
      TokenizedText.Token(id: 101, text: "[CLS]", offsets: 0..<0, typeID: 0),
      TokenizedText.Token(id: 1864, text: "日", offsets: 0..<1, typeID: 0),
      TokenizedText.Token(id: 102, text: "[SEP]", offsets: 0..<0, typeID: 0),
    ])

  private static func text(
    _ renderer: some AnswerRenderer<TokenizedText>, _ answer: TokenizedText
  ) -> String {
    var renderer = renderer
    let row = AnsweredText(
      text: SourcedText(
        text: "日", record: 7, line: nil, file: nil, id: "x", label: nil, bytesThrough: 0),
      answer: answer)
    return String(decoding: renderer.begin(with: [row]) + renderer.bytes(of: row), as: UTF8.self)
  }

  private static func json(_ answer: TokenizedText) -> String {
    text(JSONLinesRenderer(source: SourceColumns(showsText: false)) { $0?.members ?? [] }, answer)
  }

  private static func csv(_ answer: TokenizedText, hasWindows: Bool = false, hasPair: Bool = false)
    -> [Substring]
  {
    let renderer = CSVRenderer(
      source: SourceColumns(showsText: false),
      columns: TokenizedText.columns(hasWindows: hasWindows, hasPair: hasPair), marksEmpty: false)
    return text(renderer, answer).split(separator: "\n")
  }

  @Test func `a JSON object has ids, tokens and offsets`() {
    #expect(
      Self.json(Self.text)
        == #"{"record":7,"id":"x","ids":[101,1864,102],"tokens":["[CLS]","日","[SEP]"],"#
        + #""offsets":[[0,0],[0,1],[0,0]]}"# + "\n")
  }

  @Test func `a pair adds type ids, a window its number, and a cut text is marked`() {
    let pair = TokenizedText(tokens: Self.text.tokens, isPair: true, isTruncated: true, window: 2)
    let line = Self.json(pair)
    #expect(line.hasSuffix(#","type_ids":[0,0,0],"truncated":true}"# + "\n"))
    #expect(line.hasPrefix(#"{"record":7,"id":"x","window":2,"ids":"#))
    let table = Self.csv(pair, hasWindows: true, hasPair: true)
    #expect(table[0] == "record,id,window,token,token_id,start,end,type_id,truncated")
    #expect(table[2] == "7,x,2,日,1864,0,1,0,true")
  }

  @Test func `CSV has a row for each token, and one with empty fields for none`() {
    let lines = Self.csv(Self.text)
    #expect(
      lines == [
        "record,id,token,token_id,start,end,truncated", "7,x,[CLS],101,0,0,false",
        "7,x,日,1864,0,1,false", "7,x,[SEP],102,0,0,false",
      ])
    #expect(Self.csv(TokenizedText(tokens: [])).last == "7,x,,,,,false")
  }

  @Test func `the table is aligned by display columns`() {
    let terminal = Terminal(isTerminal: true, width: 80, usesColor: false)
    #expect(
      TokenTableRenderer.table(Self.text, terminal: terminal) == """
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
