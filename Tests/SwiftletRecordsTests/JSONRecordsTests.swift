import SwiftletRecords
import Testing

struct JSONRecordsTests {
  @Test func `text, label and identity are found by their usual names`() throws {
    let text = """
      {"id": 7, "text": "A \\"b\\" \\u00e9", "label": "pos", "other": [1, {"text": "no"}]}

      \t
      {"label": 1, "text": "", "id": "x"}\r
      {"text": "C", "label": true}
      {"text": "D", "label": -1.50e1, "id": null}
      """
    let found = try records(text, .jsonLines, wantsLabel: true)
    #expect(
      found == [
        Record(number: 1, line: 1, id: "7", text: "A \"b\" é", label: "pos"),
        Record(number: 2, line: 4, id: "x", text: "", label: "1"),
        Record(number: 3, line: 5, text: "C", label: "true"),
        Record(number: 4, line: 6, text: "D", label: "-1.50e1"),
      ]
    )
  }

  @Test(arguments: [
    (#"{"text": "A", "score": NaN}"#, "A"), (#"{"score": -Infinity, "text": "A"}"#, "A"),
    (#"{"text": "A", "n": 1e999, "m": 123456789012345678901234567890}"#, "A"),
    (#"{"text": "B", "text": "A"}"#, "A"), (#"{"text": null, "text": "A"}"#, "A"),
    (#"{"text": "B", "x": {"text": "C", "x": 1, "x": 2}, "text": "A"}"#, "A"),
    (#"{"text": "A \ud83d"}"#, "A \u{FFFD}"), (#"{"text": "\ude00\ud83dA"}"#, "\u{FFFD}\u{FFFD}A"),
    (#"{"text": "\ud83d\ude00"}"#, "\u{1F600}"),
  ])
  func `texts equal those of Python's json module`(line: String, text: String) throws {
    #expect(try records("\(line)\n\(line)\n", .jsonLines).map(\.text) == [text, text])
  }

  @Test(arguments: [
    ([#"{"text": "A"}"#, #"{"text": "B \ud83d"}"#], [":2 has a lone surrogate"]),
    ([#"{"text": "\ud83d"}"#, #"{"text": "\ude00"}"#], [":1 and 1 more line have a lone"]),
    (Array(repeating: #"{"text": "\ud83d"}"#, count: 4), [":1 and 3 more lines have a lone"]),
    ([#"{"text": "A", "other": "\ud83d"}"#], []), ([#"{"text": "\ud83d\ude00"}"#], []),
  ])
  func `lone surrogates in the fields that are read are counted`(
    lines: [String], notes: [String]
  ) throws {
    let file = try TemporaryFile(lines.joined(separator: "\n"))
    let reader = try RecordReader(path: file.path, format: .jsonLines)
    while try reader.next() != nil { #expect(reader.takeNotes().isEmpty) }
    #expect(reader.closingNotes.count == notes.count)
    for (found, note) in zip(reader.closingNotes, notes) {
      #expect(found.contains(note), "\(found)")
    }
  }

  @Test func `a label is not read unless it is wanted`() throws {
    let found = try records("{\"label\": [], \"remark\": \"A\"}", .jsonLines)
    #expect(found == [Record(number: 1, line: 1, text: "A")])
  }

  @Test(arguments: ["", "\n\n", "\u{FEFF}", "\u{FEFF}\n \n"])
  func `a file without objects has no records`(text: String) throws {
    #expect(try records(text, .jsonLines, wantsLabel: true).isEmpty)
  }

  @Test func `keys are given by name`() throws {
    let text = "\u{FEFF}{\"a\": \"A\", \"b\": \"B\", \"c\": 3, \"d\": 4}\n"
    let found = try records(
      text,
      .jsonLines,
      columns: ColumnChoice(text: "a", pair: "b", label: "c", id: "d")
    )
    #expect(found == [Record(number: 1, line: 1, id: "4", text: "A", pair: "B", label: "3")])
  }

  @Test(arguments: [
    (
      "[{\"text\": \"A\"}]",
      "FILE:1: expected one JSON object on each line, found an array; --input-format json reads"
    ),
    ("\"text\"", "FILE:1: expected one JSON object on each line, found a string"),
    ("{\"text\": \"A\"}\n\n3", "FILE:3: expected one JSON object on each line, found a number"),
    ("{\"text\": \"A\"}\n{\"tex\": \"A\"}", "FILE:2: the object has no key \"text\""),
    ("{\"text\": 1}", "FILE:1: expected a string for the key \"text\", found a number"),
    ("{\"text\": null}", "FILE:1: expected a string for the key \"text\", found null"),
    (
      "{\"a\": \"A\", \"b\": 1}",
      "FILE: cannot tell which column is the text among 1 \"a\", 2 \"b\""
    ),
    ("{}", "FILE: cannot tell which column is the text among no columns"),
    ("{\"text\": \"A\"", "FILE:1: not JSON: the JSON ends too early"),
    ("{\"text\": \"A\"} {}", "FILE:1: not JSON: unexpected text after"),
    ("{\"text\": NaN}", "FILE:1: expected a string for the key \"text\", found a number"),
    ("{\"text\": \"A\", \"text\": null}", "FILE:1: expected a string for the key"),
    ("{\"text\": \"\\ud8zz\"}", "FILE:1: not JSON: invalid escape"),
    ("{\n\"text\": \"A\"}", "FILE:1: not JSON: the JSON ends too early"),
    ("text\n", "FILE:1: not JSON: "),
  ])
  func `a line that is not an object with a text is an error with its number`(
    text: String,
    message: String
  ) throws {
    let found = try failure(text, .jsonLines)
    #expect(found.hasPrefix(message), "\(found)")
  }

  @Test(arguments: [
    ("{\"text\": \"A\"}", "FILE: cannot tell which column is the label"),
    ("{\"text\": \"A\", \"label\": null}", "FILE:1: expected a string or a number for the key"),
    (
      "{\"text\": \"A\", \"label\": 1}\n{\"text\": \"B\"}",
      "FILE:2: the object has no key \"label\""
    ),
  ])
  func `a wanted label that is missing is an error`(text: String, message: String) throws {
    let found = try failure(text, .jsonLines, wantsLabel: true)
    #expect(found.hasPrefix(message), "\(found)")
  }

  @Test func `an identity may be missing unless its column was given`() throws {
    let text = "{\"text\": \"A\", \"id\": 1}\n{\"text\": \"B\"}\n"
    #expect(try records(text, .jsonLines).map(\.id) == ["1", nil])
    let message = try failure(text, .jsonLines, columns: ColumnChoice(id: "id"))
    #expect(message == "FILE:2: the object has no key \"id\"")
  }

  @Test func `invalid UTF-8 and endless nesting are errors`() throws {
    let bad = Array("{\"text\": \"A\"}\n{\"text\": \"".utf8) + [0xC3, 0x22, 0x7D]
    #expect(try failure(bad, .jsonLines).hasPrefix("FILE:2: not UTF-8"))
    let deep = "{\"text\": " + String(repeating: "[", count: 100_000)
    #expect(try failure(deep, .jsonLines).hasPrefix("FILE:1: not JSON: nested deeper"))
  }
}
