import SwiftletJSON
import SwiftletRecords
import Testing

@testable import SwiftletCLI

@Suite struct CopiedColumnsTests {
  private static func row(_ columns: KeyValuePairs<String, String>) -> [RecordColumn] {
    columns.map { RecordColumn(name: $0.key, value: .text($0.value)) }
  }

  private static func json(_ columns: CopiedColumns, _ row: [RecordColumn]) -> String {
    String(decoding: JSONValue.object(columns.members(of: row)).json, as: UTF8.self)
  }

  @Test(arguments: [
    ("city", "city"), ("label", "input_label"), ("Label", "input_Label"), ("id", "input_id"),
    ("input_label", "input_input_label"), ("input_city", "input_city"), ("", ""),
    ("input_", "input_"), ("truncated", "input_truncated"), ("label_2", "label_2"),
  ])
  func `A column with the name of a field gets a prefix`(name: String, expected: String) {
    #expect(CopiedColumns(.all, fieldNames: ["label", "score"]).name(of: name) == expected)
  }

  @Test func `Different columns never get the same name`() {
    let columns = CopiedColumns(.all, fieldNames: ["label"])
    var name = "label"
    var seen: Set<String> = ["label"]
    for _ in 0..<5 {
      #expect(seen.insert(columns.name(of: name)).inserted)
      name = "input_" + name
    }
  }

  @Test func `Nothing is copied unless it is asked for`() {
    var columns = CopiedColumns()
    let row = Self.row(["a": "1"])
    columns.settle(by: row)
    #expect(columns.names.isEmpty && columns.fields(of: row, at: "a.csv:2").isEmpty)
    #expect(columns.members(of: row).isEmpty && columns.note == nil)
  }

  @Test func `All columns of several files are the header, in the order of the files`() {
    var columns = CopiedColumns(.all, fieldNames: ["label"], sources: ["a", "label", "b", "a"])
    columns.settle(by: Self.row(["a": "1", "label": "2"]))
    #expect(columns.names == ["a", "input_label", "b"])
    #expect(columns.fields(of: Self.row(["a": "1", "label": "2"]), at: "") == ["1", "2", ""])
    #expect(columns.fields(of: Self.row(["b": "3", "a": "4"]), at: "") == ["4", "", "3"])
    #expect(columns.fields(of: [], at: "") == ["", "", ""])
    #expect(columns.note == nil)
  }

  @Test func `The first row adds no column where all files are known`() {
    var columns = CopiedColumns(.all, fieldNames: [], sources: ["a"], isComplete: true)
    columns.settle(by: Self.row(["a": "1", "b": "2"]))
    #expect(columns.names == ["a"])
    var open = CopiedColumns(.all, fieldNames: [], sources: ["a"])
    open.settle(by: Self.row(["b": "2"]))
    #expect(open.names == ["a", "b"])
  }

  @Test func `All columns are those that the output does not have already`() {
    var columns = CopiedColumns(.all, fieldNames: [])
    let row =
      [("id", .id), ("review", .text), ("label", .label), ("n", nil)] as [(String, ColumnRole?)]
    let kept = row.map { RecordColumn(name: $0.0, value: .text("x"), role: $0.1) }
    columns.settle(by: kept)
    #expect(columns.names == ["label", "n"] && columns.fields(of: kept, at: "") == ["x", "x"])
    #expect(columns.members(of: kept).map(\.key) == ["label", "n"])
  }

  @Test func `The first row of a pipe is the header, and later columns are counted`() {
    var columns = CopiedColumns(.all, fieldNames: [])
    columns.settle(by: Self.row(["a": "1"]))
    #expect(columns.fields(of: Self.row(["new": "x", "a": "2", "b": "y"]), at: "in:3") == ["2"])
    #expect(columns.fields(of: Self.row(["b": "y"]), at: "in:4") == [""])
    #expect(
      columns.note
        == "2 rows have columns that are not in the header and were left out (the first is \"new\" at"
        + " in:3); --format jsonl writes them")
  }

  @Test func `Selected columns are matched by place, since each file has its own names`() {
    var columns = CopiedColumns(.named(["2", "city"]), fieldNames: [])
    columns.settle(by: Self.row(["n": "1", "City": "Rome"]))
    #expect(columns.names == ["n", "City"])
    #expect(columns.fields(of: Self.row(["m": "3", "city": "Ulm"]), at: "") == ["3", "Ulm"])
    // A column that is read for another purpose follows them.
    let row = Self.row(["m": "3", "city": "Ulm", "group": "g"])
    #expect(columns.fields(of: row, at: "") == ["3", "Ulm"] && columns.note == nil)
    #expect(Self.json(columns, row) == #"{"m":"3","city":"Ulm"}"#)
  }

  @Test func `Without rows the header has the selected names`() {
    var columns = CopiedColumns(.named(["city", "label"]), fieldNames: ["label"])
    columns.settle(by: [])
    #expect(columns.names == ["city", "input_label"])
  }

  @Test(
    arguments: [
      (.text("a,\"b\""), "a,\"b\"", #""a,\"b\"""#), (.text(""), "", #""""#),
      (.json("null"), "", "null"), (.json("NaN"), "", "null"), (.json("-Infinity"), "", "null"),
      (.json("1.50"), "1.50", "1.50"), (.json("true"), "true", "true"),
      (.json(#"[1,{"a":NaN}]"#), #"[1,{"a":null}]"#, #"[1,{"a":null}]"#),
      (.text("null"), "null", #""null""#),
    ] as [(RecordColumn.Value, String, String)])
  func `JSON keeps the type of a value, and CSV has an empty field for null`(
    value: RecordColumn.Value, field: String, json: String
  ) {
    #expect(value.field == field)
    #expect(String(decoding: value.json.json, as: UTF8.self) == json)
  }

  @Test(arguments: [
    (#"{"a b":"c  d","e":[]}"#, #"{"a b":"c  d","e":[]}"#),
    (#"["NaN \" Infinity",-Infinity,Infinity]"#, #"["NaN \" Infinity",null,null]"#),
    (#"["\\","\\\"",1]"#, #"["\\","\\\"",1]"#),
    ("\"a\u{85}\u{2028}\u{7F}é😀\"", "\"a\\u0085\\u2028\\u007fé😀\""),
    ("-1.5e-7", "-1.5e-7"), ("\"", "\""), ("\"\\", "\"\\"), ("N", "null"), ("", ""),
  ])
  func `JSON of the input fits in a line that every reader reads`(source: String, line: String) {
    #expect(String(decoding: JSONLineText.bytes(of: source), as: UTF8.self) == line)
  }
}
