import SwiftletSystem
import Testing

@testable import SwiftletRecords

struct RowReaderTests {
  private func reader(
    _ text: String, _ format: RecordFormat, _ choice: ColumnChoice = ColumnChoice(),
    known: [String] = []
  ) throws -> (RowReader, TemporaryFile) {
    let file = try TemporaryFile(Array(text.utf8))
    return (
      try RowReader(path: file.path, format: format, choice: choice, knownNames: known), file
    )
  }

  @Test func `any columns of a table are read in any order`() throws {
    let (reader, _) = try reader("a,text,b\n1,\"x\ny\",2\n3,z,4\n", .csv)
    #expect(reader.columns == ["a", "text", "b"] && reader.hasHeader)
    #expect(
      try reader.next([2, 1]) == DataRow(line: 2, values: [.text("2"), .text("x\ny")]))
    #expect(try reader.next([0]) == DataRow(line: 4, values: [.text("3")]))
    #expect(try reader.next([0]) == nil)
  }

  @Test func `the first row is data unless a name in it is known`() throws {
    let (data, _) = try reader("anchor,positive\nA,B\n", .csv)
    #expect(!data.hasHeader)
    #expect(try data.next([0])?.values == [.text("anchor")])
    let (named, _) = try reader("anchor,positive\nA,B\n", .csv, known: ["anchor"])
    #expect(named.hasHeader)
    #expect(try named.next([0, 1]) == DataRow(line: 2, values: [.text("A"), .text("B")]))
  }

  @Test func `JSON values of all kinds are read, and numbers keep their spelling`() throws {
    let (reader, _) = try reader(
      "\n{\"n\":1.50,\"l\":[\"x\",2,[true]],\"o\":{\"k\":null},\"s\":\"é\"}\n{\"s\":\"a\",\"s\":\"b\"}\n",
      .jsonLines)
    #expect(reader.columns == ["n", "l", "o", "s"])
    let list = RowValue.list([.text("x"), .number("2"), .list([.boolean("true")])])
    let object = RowValue.object([RowMember(key: "k", value: .null)])
    #expect(
      try reader.next([3, 0, 1, 2])
        == DataRow(line: 2, values: [.text("é"), .number("1.50"), list, object]))
    #expect(try reader.next([3, 0]) == DataRow(line: 3, values: [.text("b"), .missing]))
    #expect(try reader.next([0]) == nil)
  }

  @Test(arguments: [
    (RecordFormat.csv, "text,b\n1\n2,3\n"),
    (.jsonLines, "{\"text\":1}\n{\"text\":\n{\"text\":2}\n"),
    (.jsonLines, "{\"text\":1}\nnull\n{\"text\":2}\n"), (.lines, "A\n\u{FFFD}\nB\n"),
  ])
  func `the row after a bad one can be read`(format: RecordFormat, text: String) throws {
    let (reader, _) = try reader(text, format)
    var (rows, errors) = (0, 0)
    var isAtEnd = false
    while !isAtEnd {
      do throws(RecordError) {
        if try reader.next([0]) == nil { isAtEnd = true } else { rows += 1 }
      } catch {
        #expect(!error.endsFile && error.line == 2)
        errors += 1
      }
    }
    #expect(format == .lines ? rows == 3 && errors == 0 : errors == 1 && rows > 0)
  }

  @Test func `an unclosed quote ends the file`() throws {
    let (reader, _) = try reader("text,b\nA,\"x\nB,y\n", .csv)
    let error = #expect(throws: RecordError.self) { try reader.next([0]) }
    #expect(error?.endsFile == true && error?.line == 2)
  }
}
