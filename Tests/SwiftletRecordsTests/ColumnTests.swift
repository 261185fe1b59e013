import SwiftletRecords
import Testing

struct ColumnTests {
  @Test(arguments: [
    ("label\tcontent", "0\tA", "A", "0"),
    ("sentence\tlabel", "A\t0", "A", "0"),
    ("idx\tsentence\tlabel", "7\tA\t0", "A", "0"),
    (" Text \tSENTIMENT", "A\tpos", "A", "pos"),
    ("title\tbody\ttext\ty", "T\tB\tA\t0", "A", "0"),
    ("title\treview\tintent", "T\tA\t0", "A", "0"),
    ("remark\tlabel", "A\t0", "A", "0"),
    ("text\tstars", "A\t5", "A", "5"),
    ("id\tremark\tclass", "7\tA\t0", "A", "0"),
    ("label\ttarget\ttext", "0\t1\tA", "A", "0"),
    ("label\ttext", "\"0\"\t\"A", "\"A", "\"0\""),
  ])
  func `columns are found by their usual names, or as the only other column`(
    header: String,
    row: String,
    text: String,
    label: String
  ) throws {
    let found = try records("\(header)\n\(row)\n", .tsv, wantsLabel: true)
    try #require(found.count == 1)
    #expect(found[0].text == text)
    #expect(found[0].label == label)
    #expect(found[0].line == 2)
    #expect(try records("\(header)\n\(row)", .tsv).allSatisfy { $0.label == nil && $0.pair == nil })
  }

  @Test(arguments: ["id", "idx", "guid", "UID"])
  func `an identity is found by its usual name`(name: String) throws {
    #expect(try records("\(name)\ttext\nx-7\tA\n", .tsv).map(\.id) == ["x-7"])
  }

  @Test(arguments: [
    (ColumnChoice(text: "b", pair: "a", label: "c"), "B", "A", "C"),
    (ColumnChoice(text: "2", pair: "1", label: "3", hasHeader: true), "B", "A", "C"),
    (ColumnChoice(text: "B", pair: "1", label: "c"), "B", "A", "C"),
    (ColumnChoice(text: "c", label: "c"), "C", nil, "C"),
    (ColumnChoice(text: "1", label: "a", hasHeader: true), "A", nil, "A"),
  ])
  func `columns are given by name or by number`(
    columns: ColumnChoice,
    text: String,
    pair: String?,
    label: String
  ) throws {
    let found = try records("a,b,c\nA,B,C\n", .csv, columns: columns)
    #expect(found == [Record(number: 1, line: 2, text: text, pair: pair, label: label)])
  }

  @Test func `a name wins over a number`() throws {
    let found = try records("2,1\nA,B\n", .csv, columns: ColumnChoice(text: "2", hasHeader: true))
    #expect(found.map(\.text) == ["A"])
  }

  @Test func `an exact name wins over one in another case`() throws {
    let found = try records("Text,text\nA,B\n", .csv, columns: ColumnChoice(text: "Text"))
    #expect(found.map(\.text) == ["A"])
  }

  @Test(arguments: [
    ("1\tgood film\n", "good film", "1"), ("good film\t1\n", "good film", "1"),
    ("pos\tgood film\n", "good film", "pos"), ("good\t-1\n", "good", "-1"),
  ])
  func `without a header two columns are known if only one looks like a label`(
    row: String,
    text: String,
    label: String
  ) throws {
    let found = try records(row + row, .tsv, wantsLabel: true)
    let expected = [1, 2].map { Record(number: $0, line: $0, text: text, label: label) }
    #expect(found == expected)
  }

  @Test func `without a header a single column is the text`() throws {
    #expect(try records("good film\nbad film\n", .csv).map(\.text) == ["good film", "bad film"])
    let first = try records(
      "text\nbad film\n",
      .tsv,
      columns: ColumnChoice(hasHeader: false)
    )
    #expect(first.map(\.text) == ["text", "bad film"])
  }

  @Test func `without a header a given label column makes the other the text`() throws {
    for columns in [ColumnChoice(text: "2"), ColumnChoice(label: "1")] {
      let found = try records("good,fine\n", .csv, columns: columns, wantsLabel: true)
      #expect(found == [Record(number: 1, line: 1, text: "fine", label: "good")])
    }
  }

  @Test(arguments: [
    ("good,bad\n", ColumnChoice(), true, "cannot tell which column is the text"),
    ("1,2\n", ColumnChoice(), true, "cannot tell which column is the text"),
    ("1,good film\n", ColumnChoice(), false, "cannot tell which column is the text"),
    ("a,b,c\n", ColumnChoice(), true, "cannot tell which column is the text"),
    ("text,b,c\n", ColumnChoice(), true, "cannot tell which column is the label"),
    ("text\n", ColumnChoice(), true, "cannot tell which column is the label among 1 \"text\""),
    (
      "a,b\n", ColumnChoice(text: "c"), false,
      "no column \"c\" for --text-column; the file has 1 \"a\", 2 \"b\""
    ),
    ("a,b\n", ColumnChoice(text: "3"), false, "no column \"3\" for --text-column"),
    ("a,b\n", ColumnChoice(label: "0"), false, "no column \"0\" for --label-column"),
    ("a,b\n", ColumnChoice(id: "\(Int.min)"), false, "no column \"\(Int.min)\" for --id-column"),
    (
      "a,b\n", ColumnChoice(pair: "a", hasHeader: false), false, "no column \"a\"; the file has"
    ),
    ("text,text\n", ColumnChoice(), false, "two columns are named \"text\""),
    ("a,a\n", ColumnChoice(text: "a"), false, "two columns are named \"a\""),
  ])
  func `ambiguous columns are an error with the option that decides`(
    text: String,
    columns: ColumnChoice,
    wantsLabel: Bool,
    message: String
  ) throws {
    let found = try failure(text, .csv, columns: columns, wantsLabel: wantsLabel)
    #expect(found.hasPrefix("FILE: " + message), "\(found)")
  }

  @Test func `the error names the options, the columns, and no control character`() throws {
    let message = try failure("\u{1B}[31mred,b\n", .csv)
    #expect(
      message == "FILE: cannot tell which column is the text among 1 \"\u{FFFD}[31mred\", 2 \"b\";"
        + " give --text-column with a name or a number, and --no-header if the first row is not a"
        + " header"
    )
    let long = (1...20).map { "column number \($0) " + String(repeating: "x", count: 90) }
    let shown = try failure(long.joined(separator: ","), .csv)
    #expect(shown.utf8.count < 1200)
    #expect(shown.contains(" and 8 more"))
  }

  @Test func `a pair is read only when it is asked for`() throws {
    let text = "sentence1\tsentence2\tlabel\nA\tB\t1\n"
    let found = try records(
      text,
      .tsv,
      columns: ColumnChoice(pair: "sentence2"),
      wantsLabel: true
    )
    #expect(found == [Record(number: 1, line: 2, text: "A", pair: "B", label: "1")])
    #expect(try records(text, .tsv).map(\.pair) == [nil])
  }

  @Test(arguments: [
    ("label\ttext\n1\n", "FILE:2: expected 2 columns, found 1"),
    ("label\ttext\n1\tA\n\n1\tB\tC\n", "FILE:4: expected 2 columns, found 3"),
  ])
  func `a row of the wrong width is an error with the line`(text: String, message: String) throws {
    #expect(try failure(text, .tsv) == message)
  }
}

/// SST-2 as it is handed around, found beside a checkout that has the shared data; skipped without.
struct SST2Tests {
  private static let path: String = {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    return root.joined(separator: "/") + "/shared/data/sst2/dev.tsv"
  }()
  private static let isPresent = (try? RecordReader(path: path, format: .tsv)) != nil

  @Test(.enabled(if: isPresent, "needs ../shared/data/sst2/dev.tsv"))
  func `the development set needs no options`() throws {
    let reader = try RecordReader(path: Self.path, format: .tsv, wantsLabel: true)
    var labels: [String?: Int] = [:]
    var lines: [Int] = []
    while let record = try reader.next() {
      labels[record.label, default: 0] += 1
      lines.append(record.line)
      if record.number == 1 { #expect(record.text == "one long string of cliches .") }
    }
    #expect(labels == ["0": 428, "1": 444])
    #expect(lines == Array(2...873))
    #expect(reader.bytesRead == reader.totalBytes)
  }
}
