import SwiftletRecords
import Testing

/// Columns that are kept for the output.
struct KeptColumnTests {
  private static let table = "id,text,n\n7,\"x, y\",1\n8,z,\n"

  private func columns(_ record: Record) -> [String] {
    record.columns.map { column in
      switch column.value {
      case .text(let text): "\(column.name)=\(text)"
      case .json(let source): "\(column.name):\(source)"
      }
    }
  }

  @Test(arguments: [
    (KeptColumns.none, [[], []] as [[String]]),
    (.all, [["id=7", "text=x, y", "n=1"], ["id=8", "text=z", "n="]]),
    (.named(["n", "id"]), [["n=1", "id=7"], ["n=", "id=8"]]),
    (.named(["3", "N"]), [["n=1"], ["n="]]),
  ])
  func `a table's columns are kept in the order of the selection`(
    kept: KeptColumns, expected: [[String]]
  ) throws {
    let found = try records(Self.table, .csv, columns: ColumnChoice(kept: kept))
    #expect(found.map(columns) == expected)
    #expect(found.map(\.text) == ["x, y", "z"])
  }

  @Test func `columns without header are named by their numbers`() throws {
    let choice = ColumnChoice(text: "2", hasHeader: false, kept: .all)
    let found = try records("a,b\nc,d\n", .csv, columns: choice)
    #expect(found.map(columns) == [["1=a", "2=b"], ["1=c", "2=d"]])
  }

  @Test func `JSON values keep their source on one line, and strings their contents`() throws {
    let text = #"{"text":"A","n":1.50,"s":"\u00e9","o":{"a b" : [1, "x \" y"]},"z":null}"# + "\n"
    let found = try records(
      text + #"{"n":2,"text":"B","n":3}"# + "\n", .jsonLines, columns: ColumnChoice(kept: .all))
    #expect(
      found.map(columns) == [
        ["text=A", "n:1.50", "s=é", #"o:{"a b":[1,"x \" y"]}"#, "z:null"], ["text=B", "n:3"],
      ])
    let named = try records(
      text + #"{"text":"B"}"# + "\n", .jsonLines, columns: ColumnChoice(kept: .named(["s", "2"])))
    #expect(named.map(columns) == [["s=é", "n:1.50"], ["s:null", "n:null"]])
  }

  @Test func `the names are known before the first record`() throws {
    let file = try TemporaryFile(Self.table)
    let choice = ColumnChoice(kept: .named(["n", "1"]))
    #expect(
      try RecordReader(path: file.path, format: .csv, columns: choice).keptNames == ["n", "id"])
    let objects = try TemporaryFile(#"{"text":"A","k":1}"#)
    let all = ColumnChoice(kept: .all)
    #expect(
      try RecordReader(path: objects.path, format: .jsonLines, columns: all).keptNames
        == ["text", "k"])
  }

  @Test(
    arguments: [
      (Self.table, RecordFormat.csv, ColumnChoice(kept: .all), [.id, .text, nil]),
      (Self.table, .csv, ColumnChoice(label: "n", kept: .named(["n", "1"])), [.label, .id]),
      (#"{"k":1,"text":"A","id":2}"#, .jsonLines, ColumnChoice(kept: .all), [nil, .text, .id]),
      (
        #"{"text":{"a":"A"},"b":"B"}"#, .jsonLines,
        ColumnChoice(text: "text.a", pair: "b", kept: .all), [nil, .pair]
      ),
      (
        #"{"text":{"a":"A"},"b":"B"}"#, .jsonLines,
        ColumnChoice(text: "text.a", kept: .named(["b", "text.a"])), [nil, .text]
      ),
    ] as [(String, RecordFormat, ColumnChoice, [ColumnRole?])])
  func `a kept column says what it is for besides`(
    text: String, format: RecordFormat, columns: ColumnChoice, expected: [ColumnRole?]
  ) throws {
    let first = try records(text, format, columns: columns).first
    #expect(first?.columns.map(\.role) == expected)
    let file = try TemporaryFile(text)
    #expect(
      try RecordReader(path: file.path, format: format, columns: columns).keptRoles == expected)
  }

  @Test func `columns that cannot be kept are refused`() throws {
    let missing = ColumnChoice(kept: .named(["no"]))
    for (text, format) in [(Self.table, RecordFormat.csv), (#"{"text":"A"}"#, .jsonLines)] {
      #expect(
        try failure(text, format, columns: missing).contains("no column \"no\" for --keep-columns"))
    }
    #expect(
      try failure("text,a,a\nx,1,2\n", .csv, columns: ColumnChoice(kept: .all))
        == "FILE: two columns to keep are named \"a\"; select one of them by its number with"
        + " --keep-columns, or rename it")
    #expect(
      try failure("x\n", .lines, columns: ColumnChoice(kept: .all)).hasPrefix(
        "FILE: lines of text have no columns to keep;"))
  }
}
