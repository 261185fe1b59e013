@testable import SwiftletRecords
import Testing

/// Files with one JSON array of objects.
struct JSONArrayTests {
  @Test(arguments: [
    #"[{"text":"A ] } \" ,"},{"text":"B","x":[{"text":"no"},[]]}]"#,
    "\n \t[\r\n  {\n    \"text\": \"A ] } \\\" ,\"\n  } ,\n  {\"text\": \"B\"}\n]\n\n",
    "{\"text\": \"A ] } \\\" ,\"}\n\n{\"text\": \"B\"}\n",
  ])
  func `an array's objects and JSON Lines are read alike`(text: String) throws {
    #expect(try records(text, .json).map(\.text) == ["A ] } \" ,", "B"])
  }

  @Test func `a record has the line in which its object starts`() throws {
    let text = "\n[\n{\n\"text\":\"A\"\n},{\"text\":\"B\"},\n\n{\"text\":\"C\"}]"
    #expect(try records(text, .json).map(\.line) == [3, 5, 7])
  }

  @Test(arguments: ["[]", " [ \n ] \n", ""])
  func `an empty array has no records`(text: String) throws {
    #expect(try records(text, .json).isEmpty)
  }

  @Test func `an array larger than the buffer is read in pieces`() throws {
    let texts = (0..<3000).map { "text \($0) \\\\ \(String(repeating: "é", count: $0 % 90))" }
    let objects = texts.map { "  {\"id\": 1, \"text\": \"\($0)\"}" }
    let found = try records("[\n" + objects.joined(separator: ",\n") + "\n]\n", .json)
    #expect(found.map(\.text) == texts.map { $0.replacing("\\\\", with: "\\") })
    #expect(found.map(\.line) == Array(2...3001))
  }

  @Test(arguments: [
    (
      "[{\"text\":\"A\"},\n\n3]", 1,
      "FILE:3: expected an array of JSON objects, found a number in it"
    ),
    (
      "[{\"text\":\"A\"},\n]", 1,
      "FILE:2: not JSON: expected an object before a comma or the end of the array"
    ),
    (
      "[,{\"text\":\"A\"}]", 0,
      "FILE:1: not JSON: expected an object before a comma or the end of the array"
    ),
    (
      "[{\"text\":\"A\"}\n{\"text\":\"B\"}]", 0,
      "FILE:1: not JSON: unexpected text after the JSON value at byte 13, counted from the start of"
        + " this object"
    ),
    (
      "[{\"text\":\"A\"},\n{\"text\":\"B\"}\n", 1,
      "FILE:2: the array is not closed after the element that begins here; the file may be truncated"
    ),
    ("[{\"text\":\"A\"}]\n[", 1, "FILE:2: unexpected text after the end of the array"),
    ("[{\"text\":\"A\"},\n{\"tex\":1}]", 1, "FILE:2: the object has no key \"text\""),
    (
      "{\n\"text\": \"A\"}", 0,
      "FILE:1: not JSON: the JSON ends too early, at byte 1; expected an array of objects, or one"
        + " object on each line"
    ),
  ])
  func `a fault is named with its line after the records before it`(
    text: String, count: Int, message: String
  ) throws {
    #expect(try failure(text, .json) == message)
    let file = try TemporaryFile(text)
    var read = 0
    _ = try? {
      let reader = try RecordReader(path: file.path, format: .json)
      while try reader.next() != nil { read += 1 }
    }()
    #expect(read == count)
  }

  @Test func `the object after a bad one can be read`() throws {
    let file = try TemporaryFile("[{\"text\":\"A\"},{\"text\":1},{\"text\":\"C\"}]")
    let reader = try RecordReader(path: file.path, format: .json)
    #expect(try reader.next()?.text == "A")
    let error = #expect(throws: RecordError.self) { try reader.next() }
    #expect(error?.endsFile == false)
    #expect(try reader.next()?.text == "C")
  }

  @Test func `an element is not larger than the limit`() throws {
    let text = "[{\"text\":\"\(String(repeating: "x", count: 5000))\"}]"
    #expect(
      try failure(text, .json, recordLimit: 4096).hasPrefix("FILE:1: the record that starts here"))
    let deep = "[{\"text\": " + String(repeating: "[", count: 100_000)
    #expect(try failure(deep, .json).hasPrefix("FILE:1: the array is not closed"))
  }

  @Test func `a row reader reads an array`() throws {
    let file = try TemporaryFile("[{\"a\":1,\"b\":\"x\"},\n{\"b\":\"y\"}]")
    let reader = try RowReader(path: file.path, format: .json)
    #expect(reader.columns == ["a", "b"])
    #expect(try reader.next([1, 0]) == DataRow(line: 1, values: [.text("x"), .number("1")]))
    #expect(try reader.next([1, 0]) == DataRow(line: 2, values: [.text("y"), .missing]))
    #expect(try reader.next([0]) == nil)
  }
}
