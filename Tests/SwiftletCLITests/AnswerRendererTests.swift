import Testing
@testable import struct Swiftlet.Classification
@testable import struct Swiftlet.LabelScore

@testable import SwiftletCLI

@Suite struct AnswerRendererTests {
  private typealias Row = AnsweredText<Classification>

  private static func layout(
    labelsPerRow: Int = 1, listsScores: Bool = false, showsFile: Bool = false,
    probabilities: Bool = true, count: Int? = 2,
    decision: Bool = false, accepted: Bool = false
  ) -> ClassificationLayout {
    ClassificationLayout(
      labels: ["NEGATIVE", "POSITIVE"], labelsPerRow: labelsPerRow, listsScores: listsScores,
      showsDecision: decision, showsAccepted: accepted, showsFile: showsFile,
      scoresAreProbabilities: probabilities, recordCount: count)
  }

  /// A text with its answer; one without scores is empty.
  private static func row(
    _ text: String, record: Int = 7, file: String? = nil, id: String? = nil, pair: String? = nil,
    scores: [LabelScore] = scores, abstains: Bool = false, accepted: Int = 0,
    isTruncated: Bool = false
  ) -> Row {
    Row(
      text: SourcedText(
        text: text, record: record, line: nil, file: file, id: id, label: nil, bytesThrough: 0,
        pair: pair),
      answer: scores.first.map { best in
        Classification(
          label: best.label, score: best.score, scores: scores, abstains: abstains,
          accepted: Array(scores.prefix(accepted)), logits: [], tokenCount: 3,
          isTruncated: isTruncated)
      })
  }

  private static let scores = [
    LabelScore(label: "POSITIVE", score: 0.75), LabelScore(label: "NEGATIVE", score: 0.25),
  ]

  private static let row = row("say \"hi\", ok")
  private static let rowWithID = row("say \"hi\", ok", id: "x1")
  private static let rowOfFile = row("say \"hi\", ok", file: "a.csv", pair: "not written")
  /// A row whose text is empty.
  private static let empty = row(" ", record: 8, scores: [])

  private static func judged(abstains: Bool = false, accepted: Int = 0) -> Row {
    row("ok", abstains: abstains, accepted: accepted)
  }

  private static func text(
    _ renderer: some AnswerRenderer<Classification>, _ rows: [Row]
  ) -> String {
    var renderer = renderer
    let bytes = renderer.begin(with: rows) + rows.flatMap { renderer.bytes(of: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func jsonLines(_ layout: ClassificationLayout, _ rows: Row...) -> String {
    text(
      JSONLinesRenderer(
        source: SourceColumns(showsFile: layout.showsFile), members: layout.members), rows)
  }

  private static func csv(
    _ layout: ClassificationLayout, _ rows: [Row], separator: UInt8 = UInt8(ascii: ",")
  ) -> String {
    text(
      CSVRenderer(
        source: SourceColumns(showsFile: layout.showsFile, showsID: layout.showsID),
        columns: layout.columns, separator: separator), rows)
  }

  // MARK: JSON Lines

  @Test
  func `A JSON line has the record, its id, the text, the label and the score`() {
    let line = Self.jsonLines(Self.layout(), Self.rowWithID)
    #expect(
      line == #"{"record":7,"id":"x1","text":"say \"hi\", ok","label":"POSITIVE","score":0.75}"#
        + "\n"
    )
  }

  @Test
  func `A JSON line names the file where there are several, and lists scores on request`() {
    let layout = Self.layout(labelsPerRow: 2, listsScores: true, showsFile: true)
    let line = Self.jsonLines(layout, Self.rowOfFile)
    #expect(line.hasPrefix(#"{"file":"a.csv","record":7,"#))
    #expect(
      line.hasSuffix(
        #""scores":[{"label":"POSITIVE","score":0.75},{"label":"NEGATIVE","score":0.25}]}"#
          + "\n"
      )
    )
  }

  @Test
  func `A JSON line has a decision or null, and the accepted labels, where they were asked for`() {
    func end(_ row: Row, decision: Bool = false, accepted: Bool = false) -> String? {
      let layout = Self.layout(decision: decision, accepted: accepted)
      let line = Self.jsonLines(layout, row)
      return line.split(separator: #""score":0.75"#, maxSplits: 1).last.map(String.init)
    }
    #expect(end(Self.judged()) == "}\n")
    #expect(end(Self.judged(), decision: true) == #","decision":"POSITIVE"}"# + "\n")
    #expect(end(Self.judged(abstains: true), decision: true) == #","decision":null}"# + "\n")
    #expect(end(Self.judged(), accepted: true) == #","accepted":[]}"# + "\n")
    #expect(
      end(Self.judged(abstains: true, accepted: 2), decision: true, accepted: true)
        == #","decision":null,"accepted":[{"label":"POSITIVE","score":0.75},"#
        + #"{"label":"NEGATIVE","score":0.25}]}"# + "\n")
  }

  // MARK: CSV

  @Test
  func `CSV quotes what needs quotes and doubles quotes inside`() {
    let text = Self.csv(Self.layout(), [Self.rowWithID])
    #expect(
      text == "record,id,text,label,score,truncated,empty\n"
        + "7,x1,\"say \"\"hi\"\", ok\",POSITIVE,0.75,false,false\n")
  }

  @Test
  func `CSV puts further labels into columns of their own`() {
    let layout = Self.layout(labelsPerRow: 2, listsScores: true, showsFile: true)
    let text = Self.csv(layout, [Self.rowOfFile])
    #expect(
      text.hasPrefix("file,record,text,label,score,label_2,score_2,truncated,empty\na.csv,7,"))
    #expect(text.hasSuffix(",POSITIVE,0.75,NEGATIVE,0.25,false,false\n"))
  }

  @Test
  func `The first rows decide whether there is a column of ids; without rows there is the header`()
  {
    var renderer = CSVRenderer(source: SourceColumns(), columns: Self.layout().columns)
    #expect(renderer.begin(with: [Self.row]).starts(with: "record,text,label".utf8))
    #expect(renderer.bytes(of: Self.rowWithID).starts(with: "7,\"say".utf8))
    #expect(
      Self.csv(Self.layout(), [])
        == "record,text,label,score,truncated,empty\n")
    let terminal = Terminal(isTerminal: true, width: 80, usesColor: false)
    #expect(Self.text(TableRenderer(layout: Self.layout(), terminal: terminal), []).isEmpty)
  }

  @Test
  func `CSV has a column for the decision and one for the accepted labels`() {
    let layout = Self.layout(decision: true, accepted: true)
    let rows = [Self.judged(accepted: 2), Self.judged(abstains: true)]
    let lines = Self.csv(layout, rows).split(separator: "\n")
    #expect(lines[0] == "record,text,label,score,decision,accepted,truncated,empty")
    #expect(lines[1] == "7,ok,POSITIVE,0.75,POSITIVE,POSITIVE;NEGATIVE,false,false")
    #expect(lines[2] == "7,ok,POSITIVE,0.75,,,false,false")
  }

  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("a\nb", "\"a\nb\""),
    ("a\r", "\"a\r\""), ("\r\n", "\"\r\n\""), (" a", "\" a\""), ("a ", "\"a \""), ("é'x", "é'x"),
  ]
  )
  func `A CSV field is quoted only where a reader needs it`(field: String, expected: String) {
    var bytes: [UInt8] = []
    CSVText.append(row: [field, "z"], to: &bytes)
    #expect(bytes == Array("\(expected),z\n".utf8))
  }

  @Test
  func `An empty text's row is in its place, without a label and a score, in every format`() {
    let layout = Self.layout(labelsPerRow: 2, listsScores: true, decision: true, accepted: true)
    #expect(
      Self.jsonLines(layout, Self.empty)
        == #"{"record":8,"text":" ","label":null,"score":null,"scores":[],"decision":null,"#
        + #""accepted":[],"empty":true}"# + "\n")
    for (separator, byte) in [(",", UInt8(ascii: ",")), ("\t", UInt8(ascii: "\t"))] {
      let rows = [Self.empty, Self.judged()]
      let lines = Self.csv(layout, rows, separator: byte).split(separator: "\n")
      let fields = ["8", "\" \"", "", "", "", "", "", "", "false", "true"]
      #expect(lines[1] == fields.joined(separator: separator))
      #expect(lines[0].split(separator: separator).count == fields.count)
    }
    for layout in [layout, Self.layout()] {
      let table = Self.table(width: 80, layout: layout, rows: [Self.row, Self.empty])
      let position = table[0].firstRange(of: "text")?.lowerBound
      #expect(table.last?.firstRange(of: "(empty)")?.lowerBound == position)
      #expect(table.last?.hasPrefix("8  -  ") == true)
    }
  }

  @Test
  func `A text that was cut is marked in JSON, CSV and TSV`() {
    let row = Self.row("ok", isTruncated: true)
    let layout = Self.layout()
    #expect(
      Self.jsonLines(layout, row).hasSuffix(#","truncated":true}"# + "\n"))
    #expect(
      Self.csv(layout, [row])
        == "record,text,label,score,truncated,empty\n7,ok,POSITIVE,0.75,true,false\n")
  }

  @Test(arguments: [
    ("a,b", "a,b"), ("a\tb", "\"a\tb\""), ("a\nb", "\"a\nb\""), ("\"a\"", "\"\"\"a\"\"\""),
  ])
  func `A TSV field is quoted where it has the separator, a quote or a line end`(
    field: String, expected: String
  ) {
    var bytes: [UInt8] = []
    CSVText.append(row: [field, "z"], separator: UInt8(ascii: "\t"), to: &bytes)
    #expect(bytes == Array("\(expected)\tz\n".utf8))
  }

  // MARK: Table

  private static func table(width: Int, layout: ClassificationLayout, rows: [Row]) -> [String] {
    let terminal = Terminal(isTerminal: true, width: width, usesColor: false)
    let renderer = TableRenderer(layout: layout, terminal: terminal)
    return text(renderer, rows).split(separator: "\n").map(String.init)
  }

  @Test
  func `A wide table shows number, label, bar, percent and text in line`() {
    let lines = Self.table(width: 80, layout: Self.layout(), rows: [Self.row])
    #expect(lines[0] == "#  label                  score  text")
    #expect(lines[1] == "7  POSITIVE  ████████░░  75.00%  say \"hi\", ok")
  }

  @Test
  func `A row's further labels stand below it`() {
    let lines = Self.table(width: 80, layout: Self.layout(labelsPerRow: 2), rows: [Self.row])
    #expect(lines.count == 3)
    #expect(lines[2].hasPrefix("   NEGATIVE  ███░░░░░░░  25.00%"))
  }

  @Test
  func `Raw outputs show as numbers, not as shares`() {
    let lines = Self.table(width: 80, layout: Self.layout(probabilities: false), rows: [Self.row])
    #expect(lines[1] == "7  POSITIVE     0.7500  say \"hi\", ok")
  }

  @Test
  func `A score above 1 in the first rows makes all scores numbers`() {
    let large = Self.row("ok", scores: [LabelScore(label: "POSITIVE", score: 1.5)])
    let lines = Self.table(width: 80, layout: Self.layout(), rows: [Self.row, large])
    #expect(lines[1] == "7  POSITIVE     0.7500  say \"hi\", ok")
  }

  @Test
  func `A table marks what is good enough, what is not, and where the model abstains`() {
    let decided = Self.table(
      width: 60, layout: Self.layout(decision: true),
      rows: [Self.judged(), Self.judged(abstains: true)])
    #expect(decided[1].hasSuffix("75.00%  ✓  ok") && decided[2].hasSuffix("75.00%  ?  ok"))
    let accepted = Self.table(
      width: 60, layout: Self.layout(accepted: true),
      rows: [Self.judged(accepted: 2), Self.judged()])
    #expect(accepted.count == 4)
    #expect(accepted[1].hasSuffix("75.00%  ✓  ok") && accepted[2].hasSuffix("25.00%  ✓"))
    #expect(accepted[3].hasSuffix("75.00%  ✗  ok"))
    let listed = Self.table(
      width: 60, layout: Self.layout(labelsPerRow: 2, listsScores: true, accepted: true),
      rows: [Self.judged(accepted: 1)])
    #expect(listed[1].hasSuffix("✓  ok") && listed[2].hasSuffix("25.00%  ✗"))
  }

  @Test(arguments: 34...120)
  func `No line of a table is wider than the terminal`(width: Int) {
    let row = Self.row(
      String(repeating: "Text 日本語 ", count: 30), record: 999,
      file: "a-rather-long-name-of-a-file.csv", id: "identifier-of-forty-letters",
      scores: [LabelScore(label: "POSITIVE", score: 1), LabelScore(label: "NEGATIVE", score: 0)])
    for decision in [false, true] {
      let layout = Self.layout(
        labelsPerRow: 2, showsFile: true, count: nil, decision: decision)
      for line in Self.table(width: width, layout: layout, rows: [row, row]) {
        #expect(DisplayText.width(of: line) <= width)
      }
    }
  }

  @Test
  func `Colours appear only where the terminal has them`() {
    let plain = Terminal(isTerminal: true, width: 80, usesColor: false)
    let colored = Terminal(isTerminal: true, width: 80, usesColor: true)
    let escape: Character = "\u{1B}"
    for (terminal, expected) in [(plain, false), (colored, true)] {
      let renderer = TableRenderer(layout: Self.layout(), terminal: terminal)
      #expect(Self.text(renderer, [Self.row]).contains(escape) == expected)
    }
  }

  @Test(
    arguments: [(0, 0), (0.04, 0), (0.05, 1), (0.5, 5), (1, 10), (7, 10), (-1, 0), (.nan, 0)]
      as [(Float, Int)]
  )
  func `A bar is as full as the score`(score: Float, filled: Int) {
    let bar = TableRenderer.bar(score, width: 10)
    #expect(bar.filled.count == filled)
    #expect(bar.empty.count == 10 - filled)
  }
}
