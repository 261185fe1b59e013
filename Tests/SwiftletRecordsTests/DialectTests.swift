import Foundation
import SwiftletRecords
import Testing

/// Separators, quotes and escapes as they are found from a file, or set.
struct DialectTests {
  /// A table beside its rows, as `Tests/Fixtures/records/make.py` describes it.
  struct Golden: Decodable {
    let separator: String
    let suffix: String
    let data: String
    let rows: [[String]]
  }

  private static func goldens() throws -> [Golden] {
    let path =
      #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      .joined(separator: "/") + "/Fixtures/records/dialects.jsonl"
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(Golden.self, from: Data($0.utf8)) }
  }

  @Test func `every dialect that Python's csv module writes reads back as its rows`() throws {
    let goldens = try Self.goldens()
    #expect(goldens.count == 400)
    for (index, golden) in goldens.enumerated() {
      let format = golden.suffix == "csv" ? RecordFormat.csv : .tsv
      let header = golden.rows[0].map { $0.lowercased() }
      let text = header.firstIndex { ["text", "content", "review", "sentence"].contains($0) } ?? 0
      let label = header.firstIndex { ["label", "sentiment"].contains($0) }
      do {
        let found = try records(golden.data, format, wantsLabel: label != nil)
        let rows = golden.rows.dropFirst()
        #expect(found.map(\.text) == rows.map { $0[text] }, "case \(index + 1): \(golden.data)")
        if let label { #expect(found.map(\.label) == rows.map { $0[label] }, "\(golden.data)") }
      } catch {
        Issue.record("case \(index + 1): \(error): \(golden.data)")
      }
    }
  }

  @Test(arguments: [
    ("id;text;label\r\n1;Great film, would watch again;pos\r\n2;\"Dull; long\";neg\r\n", 2),
    ("sep=;\r\ntext;label\r\nA, b;pos\r\n", 1),
    ("\"sep=;\"\r\ntext;label\r\nA, b;pos\r\n", 1),
    ("\u{FEFF}sep=;\ntext;label\nA, b;pos\n", 1),
    ("SEP=|\ntext|label\nA, b|pos\n", 1),
    ("text\tlabel\nA, b\tpos\n", 1),
    ("text|label\nA, b|pos\n", 1),
    ("text;label\n", 0),
    ("text;score;label\nA;0,5;pos\nB;0,75;neg\n", 2),
    ("text; label\nA, b; pos\nC; neg\n", 2),
    ("\"text\";\"label\"\n\"two\nlines; and, more\";pos\n", 1),
    ("text;label\nA, b, c;pos\nD, e;neg\nF;neg\n", 3),
    ("text,label\n\"A; b\",pos\n\"C; d\",neg\n", 2),
    ("text,label;other\n\"A; b\",pos\n\"C; d\",neg\n", 2),
    ("\n\ntext;label\n\nA;pos\n", 1),
  ])
  func `a separator is found from the file`(text: String, count: Int) throws {
    let file = try TemporaryFile(text)
    let reader = try RecordReader(path: file.path, format: .csv)
    var found: [Record] = []
    while let record = try reader.next() { found.append(record) }
    #expect(found.count == count)
    #expect(found.allSatisfy { !$0.text.contains("pos") && !$0.text.contains("neg") })
  }

  @Test func `lines count from the line that names the separator`() throws {
    #expect(try records("sep=;\r\ntext;label\r\nA;1\r\n", .csv).map(\.line) == [3])
    #expect(try failure("sep=;\ntext;label\nA\n", .csv) == "FILE:3: expected 2 columns, found 1")
  }

  @Test(arguments: [
    ("text;label\nA;pos\n", RecordFormat.csv, ["semicolons, not commas"]),
    ("text,label\nA,pos\n", .tsv, ["commas, not tabs"]),
    ("sep=;\ntext;label\nA;pos\n", .csv, ["semicolons, not commas"]),
    ("text,label\nA,pos\n", .csv, []),
    ("text\tlabel\nA\tpos\n", .tsv, []),
    ("text\tlabel\n\"A \"\"b\"\"\"\tpos\n", .tsv, [":2: quotes enclose fields"]),
    ("text\tlabel\n\"A\" b\tpos\n", .tsv, []),
    (
      "text\tlabel\nA\tneg\n\"A\" b\tpos\n", .csv,
      ["tabs, not commas", ":3: quotes are read as text"]
    ),
    ("text\nA, b\n\"C\" d\n", .csv, ["there is one column", ":3: quotes are read as text"]),
  ])
  func `a separator other than the suffix's is reported once`(
    text: String, format: RecordFormat, notes: [String]
  ) throws {
    let file = try TemporaryFile(text)
    let reader = try RecordReader(path: file.path, format: format)
    var found = reader.takeNotes()
    while try reader.next() != nil { found += reader.takeNotes() }
    #expect(found.count == notes.count)
    for (found, note) in zip(found, notes) { #expect(found.contains(note), "\(found)") }
    #expect(reader.closingNotes.isEmpty)
  }

  @Test func `a given separator is used without a search`() throws {
    let text = "text;label,other\nA;b,c\n"
    let comma = try records(
      text, .csv, dialect: DialectChoice(separator: UInt8(ascii: ",")),
      columns: ColumnChoice(text: "1", hasHeader: true))
    #expect(comma.map(\.text) == ["A;b"])
    let colon = try records(
      "text:label\nA, b:c\n", .csv, dialect: DialectChoice(separator: UInt8(ascii: ":")))
    #expect(colon.map(\.text) == ["A, b"])
    let file = try TemporaryFile(text)
    let reader = try RecordReader(
      path: file.path, format: .csv, dialect: DialectChoice(separator: UInt8(ascii: ";")))
    #expect(reader.takeNotes().isEmpty)
  }

  @Test(arguments: [
    ("Kommentar;Bewertung\nGut; billig;ja\nSchlecht;nein\n", "--delimiter ';'"),
    ("a|b\nx,y\n", "--delimiter '|'"),
  ])
  func `a single column with separators in its name is not taken for the text`(
    text: String, flag: String
  )
    throws
  {
    let message = try failure(text, .csv)
    #expect(message.contains("the only column is") && message.contains(flag), "\(message)")
    let taken = try? records(text, .csv, columns: ColumnChoice(text: "1", hasHeader: true))
    #expect(taken?.isEmpty == false || text.contains(","))
  }

  @Test(arguments: [
    "text\nGood, but long\nBad\n", "text\nA, b, \"c\"\n\"D\" e, f\n", "text\n1,5; 2\n",
  ])
  func `the rows of a single column may have separators as text`(text: String) throws {
    let expected = text.split(separator: "\n").dropFirst().map(String.init)
    #expect(try records(text, .csv).map(\.text) == expected)
    let file = try TemporaryFile(text)
    let note = try RecordReader(path: file.path, format: .csv).takeNotes().first
    #expect(note?.contains("there is one column, and commas in it are text") == true)
  }

  @Test(arguments: [
    ("text\n\"A\" b\nC\n", "FILE:2: after a closing quote"),
    ("text\nA, b\n\"C\nD, e\n", "FILE:2: expected 1 column, found 2"),
    ("\"text\nA, b\nC\n", "FILE:1: the quoted field that begins here is never closed"),
    ("\"text;label\"\nA;1\n\"B;2\n", "FILE: the only column is"),
    ("\"text\" x\nA\n", "FILE:1: after a closing quote"),
    ("text\n\"5\\\" tube, blue\"\nA, b\n", "--escape backslash"),
  ])
  func `broken quotes in a single column are an error`(text: String, message: String) throws {
    let found = try failure(text, .csv)
    #expect(found.contains(message), "\(found)")
    let taken = try records(
      text, .csv, dialect: DialectChoice(quoting: TableQuoting.none),
      columns: ColumnChoice(text: "1", hasHeader: true))
    #expect(!taken.isEmpty)
  }

  @Test(arguments: ["Good film; watch it\nBad one\n", "ok ;)\nno\n", "What: a film | yes\nno\n"])
  func `punctuation in a single column is not a separator`(text: String) throws {
    #expect(try records(text, .csv).map(\.text) == text.split(separator: "\n").map(String.init))
  }

  @Test(arguments: [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")])
  func `rows longer than the buffer do not hide the separator`(separator: UInt8) throws {
    let character = Character(Unicode.Scalar(separator))
    let long = String(repeating: "a, b; c ", count: 20_000)
    let text = "text\(character)label\n\"\(long)\"\(character)pos\nshort\(character)neg\n"
    let found = try records(text, .csv, wantsLabel: true)
    #expect(found.map(\.text) == [long, "short"])
    #expect(found.map(\.label) == ["pos", "neg"])
  }

  // MARK: Quotes

  @Test(arguments: [
    ("\"A \"\"b\"\" c\"\t1\nD\t0\n", ["A \"b\" c", "D"]),
    ("\"two\nlines\"\t1\nD\t0\n", ["two\nlines", "D"]),
    ("\"a\ttab\"\t1\nD\t0\n", ["a\ttab", "D"]),
    ("\"A, b\"\t1\nD\t0\n", ["A, b", "D"]),
    ("\"A\"\t\"1\"\n\"B\"\t\"0\"\n", ["A", "B"]),
    ("\"A\"\t1\nB\t0\n", ["\"A\"", "B"]),
    ("\"A\t1\n\"B\t0\n", ["\"A", "\"B"]),
    ("\"A\" b\t1\nB\t0\n", ["\"A\" b", "B"]),
    ("A \"b\"\t1\n\"C, d\"\t0\n", ["A \"b\"", "\"C, d\""]),
    ("A, b\t1\n\"C, d\"\t0\n", ["A, b", "\"C, d\""]),
    ("\"A\t1\nHe said: so\"\t0\n", ["\"A", "He said: so\""]),
    ("\"\t1\n\"\"\t0\n", ["\"", "\"\""]),
  ])
  func `TSV distinguishes quoted fields from texts with quotes`(rows: String, texts: [String])
    throws
  {
    let found = try records("text\tlabel\n" + rows, .tsv)
    #expect(found.map(\.text) == texts)
    let windows =
      "text\tlabel\r\n"
      + rows.replacing("\t1\n", with: "\t1\r\n")
      .replacing("\t0\n", with: "\t0\r\n")
    #expect(try records(windows, .tsv).map(\.text) == texts)
  }

  @Test func `the first quoted field decides, however late it is`() throws {
    let plain = (0..<20_000).map { "text number \($0)\t0\n" }.joined()
    let found = try records("text\tlabel\n\(plain)\"A \"\"b\"\"\nc\"\t1\nD\t0\n", .tsv)
    #expect(found.suffix(2).map(\.text) == ["A \"b\"\nc", "D"])
    #expect(found.suffix(2).map(\.line) == [20_002, 20_004])
    let text = try records("text\tlabel\n\(plain)\"A\" b\t1\n\"C\"\t0\n", .tsv)
    #expect(text.suffix(2).map(\.text) == ["\"A\" b", "\"C\""])
  }

  @Test func `the quote option overrides what the file looks like`() throws {
    let text = "text\tlabel\n\"A \"\"b\"\"\"\t1\n"
    #expect(
      try records(text, .tsv, dialect: DialectChoice(quoting: TableQuoting.none)).map(\.text)
        == ["\"A \"\"b\"\"\""])
    #expect(
      try records("text\tlabel\n\"A\"\t1\n", .tsv, dialect: DialectChoice(quoting: .double))
        .map(\.text) == ["A"])
    #expect(
      try records("text,label\n\"A,1\n", .csv, dialect: DialectChoice(quoting: TableQuoting.none))
        .map(\.text) == ["\"A"])
  }

  @Test func `CR alone ends rows of TSV too`() throws {
    #expect(try records("text\tlabel\rA\t1\rB\t0\r", .tsv).map(\.text) == ["A", "B"])
    #expect(try records("text\tlabel\nA\rb\t1\r\n", .tsv).map(\.text) == ["A\rb"])
  }

  // MARK: Escapes

  private static let backslash = DialectChoice(escape: .byte(UInt8(ascii: "\\")))

  @Test(arguments: [
    (#"Jeans,"2\" seam, blue""#, "2\" seam, blue"), (#"Hat,"\"never\"""#, "\"never\""),
    (#"Path,"C:\\new\table""#, #"C:\new\table"#), (#"Hat,"a\\""#, #"a\"#),
    (#"Hat,a\,b"#, "a,b"), ("Hat,two\\\nlines", "two\nlines"),
    (#"Hat,\N"#, ""), (#"Hat,"say ""so""""#, "say \"so\""),
  ])
  func `a backslash escapes special characters, as Spark and Python write it`(
    row: String, text: String
  ) throws {
    let found = try records(
      "title,review\n\(row)\nx,y\n", .csv, dialect: Self.backslash,
      columns: ColumnChoice(text: "review"))
    #expect(found.map(\.text) == [text, "y"])
    let last = try records(
      "title,review\n\(row)", .csv, dialect: Self.backslash, columns: ColumnChoice(text: "review"))
    #expect(last.map(\.text) == [text])
  }

  @Test func `an escape at the end of the file is text`() throws {
    #expect(try records("text\nend\\", .csv, dialect: Self.backslash).map(\.text) == ["end\\"])
    let message = try failure("text\n\"end\\", .csv, dialect: Self.backslash)
    #expect(message.hasPrefix("FILE:2: the quoted field"))
  }

  @Test func `without quotes a backslash stands before letters too, as MySQL writes it`() throws {
    let dialect = DialectChoice(
      quoting: TableQuoting.none, escape: .byte(UInt8(ascii: "\\")))
    let found = try records(
      "id\ttext\n1\ta\\tb\\nc\\\\d\n2\tx\\\ty\\\nz\n3\t\\N\n4\t\"q\" \\d\n", .tsv, dialect: dialect)
    #expect(found.map(\.text) == ["a\tb\nc\\d", "x\ty\nz", "", "\"q\" \\d"])
    #expect(found.map(\.line) == [2, 3, 5, 6])
  }

  @Test(arguments: [
    "title,review\nJeans,\"2\\\" seam\"\n", "title,review\nJeans,\"2\\\", seam\"\n",
    "review,title\n\"5\\\", blue\",x\n", "title,review\nHat,\"\\\"never\\\"\"\nHat,\"x\"\n",
    "title,review\nHat,\"never\\\"\"\n", "review\n\"5\\\", blue\"\n",
    "review,b,c\n\"5\\\",\"blue\"\n",
  ])
  func `a row that is broken without an escape names the option`(text: String) throws {
    let message = try failure(text, .csv, columns: ColumnChoice(text: "review"))
    #expect(message.contains("--escape backslash"), "\(message)")
  }

  @Test func `a backslash at the end of a quoted field is text, as pandas writes it`() throws {
    let text = "text,label\n\"C:\\, D:\\\",1\n\"a\\\"\"\",0\n"
    #expect(try records(text, .csv).map(\.text) == ["C:\\, D:\\", "a\\\""])
    #expect(
      try records(
        "a,text\n\"x\\\",5\" tube\n", .csv,
        dialect: DialectChoice(escape: DialectChoice.Escape.none)
      )
      .map(\.text) == ["5\" tube"])
  }
}
