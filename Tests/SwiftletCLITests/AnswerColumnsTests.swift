import Testing

@testable import SwiftletCLI

@Suite struct AnswerColumnsTests {
  /// Words with their lengths, as an answer.
  private struct Words: TaskAnswer {
    let words: [String]
    var isTruncated = false
  }

  private static let ranked = AnswerColumns<Words>.ranked(["word", "length"], count: 3) {
    $0.words.map { [$0, "\($0.count)"] }
  }

  private static let rows = AnswerColumns<Words>(names: ["word", "length"]) {
    $0.words.map { [$0, "\($0.count)"] }
  }

  private static func lines(
    _ columns: AnswerColumns<Words>, _ answers: [Words?], source: SourceColumns = SourceColumns()
  ) -> [Substring] {
    var renderer = CSVRenderer(source: source, columns: columns)
    let rows = answers.enumerated().map { index, answer in
      let text = SourcedText(
        text: "t\(index)", record: index + 1, line: nil, file: "f.csv", id: nil, label: nil,
        bytesThrough: 0, pair: "p")
      return AnsweredText(text: text, answer: answer)
    }
    let bytes = renderer.begin(with: rows) + rows.flatMap { renderer.bytes(of: $0) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  @Test func `Ranked values are in columns with numbers, padded or cut to their count`() {
    let lines = Self.lines(
      Self.ranked, [Words(words: ["a"]), Words(words: ["a", "bc", "d", "e"]), nil])
    #expect(
      lines == [
        "record,text,word,length,word_2,length_2,word_3,length_3,truncated,empty",
        "1,t0,a,1,,,,,false,false", "2,t1,a,1,bc,2,d,1,false,false", "3,t2,,,,,,,false,true",
      ])
    #expect(AnswerColumns<Words>.ranked(["a"], count: 0) { _ in [] }.names == ["a"])
  }

  @Test func `Values of any number are in rows that repeat the text, at least one for each text`() {
    let answers = [Words(words: ["a", "bc"], isTruncated: true), Words(words: []), nil]
    #expect(
      Self.lines(Self.rows, answers) == [
        "record,text,word,length,truncated,empty", "1,t0,a,1,true,false", "1,t0,bc,2,true,false",
        "2,t1,,,false,false", "3,t2,,,false,true",
      ])
  }

  @Test func `The file and the second text have columns where they are shown`() {
    let source = SourceColumns(showsFile: true, showsPair: true)
    let lines = Self.lines(Self.rows, [Words(words: ["a"])], source: source)
    #expect(lines[0] == "file,record,text,pair,word,length,truncated,empty")
    #expect(lines[1] == "f.csv,1,t0,p,a,1,false,false")
  }
}
