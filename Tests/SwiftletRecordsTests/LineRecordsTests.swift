import Glibc
import SwiftletRecords
import Testing

struct LineRecordsTests {
  @Test(arguments: [
    ("", []),
    ("one", ["one"]),
    ("one\n", ["one"]),
    ("one\r\ntwo", ["one", "two"]),
    ("\n\none\n\n", ["", "", "one", ""]),
    ("a\rb\r\r\n", ["a\rb\r"]),
    ("\u{FEFF}one\n\u{FEFF}two", ["one", "\u{FEFF}two"]),
    ("\u{FEFF}", []),
    ("\u{FEFF}\n", [""]),
    ("nul\0byte\n\"quotes\"\ttabs,commas", ["nul\0byte", "\"quotes\"\ttabs,commas"]),
  ])
  func `each line is a record`(text: String, expected: [String]) throws {
    let found = try records(text, .lines)
    #expect(found.map { Array($0.text.utf8) } == expected.map { Array($0.utf8) })
    #expect(found.map(\.number) == Array(1..<(expected.count + 1)))
    #expect(found.map(\.line) == found.map(\.number))
  }

  @Test(arguments: [[0xEF], [0xEF, 0xBB], [0xEF, 0xBB, 0x41], [0xC3, 0x28], [0xED, 0xA0, 0x80]])
  func `invalid UTF-8 is an error with the line`(bad: [UInt8]) throws {
    #expect(try failure(bad, .lines).hasPrefix("FILE:1: not UTF-8"))
    #expect(try failure(Array("fine\n".utf8) + bad + [0x0A], .lines).hasPrefix("FILE:2: not UTF-8"))
  }

  @Test(arguments: 65_530..<65_542)
  func `lines may end anywhere in the read buffer`(length: Int) throws {
    let long = String(repeating: "é", count: length / 2) + String(repeating: "x", count: length % 2)
    let texts = [long, "", "two", long + long + long, "last"]
    for end in ["\n", "\r\n"] {
      let found = try records(texts.joined(separator: end), .lines)
      #expect(found.map(\.text) == texts)
    }
  }

  @Test func `a line beyond the limit is refused before it ends`() throws {
    let text = "short\n" + String(repeating: "x", count: 300_000)
    let file = try TemporaryFile(text)
    let reader = try RecordReader(path: file.path, format: .lines, recordLimit: 1000)
    #expect(try reader.next()?.text == "short")
    let error = #expect(throws: RecordError.self) { try reader.next() }
    #expect(error == .recordTooLong(file: file.path, line: 2, limit: 1000))
    #expect(reader.bytesRead < 100_000)
    #expect(try records(String(repeating: "x", count: 1000), .lines, recordLimit: 1000).count == 1)
  }

  @Test func `progress goes from zero to the file's size`() throws {
    let file = try TemporaryFile("\u{FEFF}one\ntwo\n")
    let reader = try RecordReader(path: file.path, format: .lines)
    #expect(reader.bytesRead == 0)
    #expect(reader.totalBytes == 11)
    _ = try reader.next()
    #expect(reader.bytesRead == 7)
    while try reader.next() != nil {}
    #expect(reader.bytesRead == 11)
  }

  @Test(arguments: [
    (ColumnChoice(text: "text"), false, "text"), (ColumnChoice(), true, "label"),
    (ColumnChoice(id: "1"), false, "id"), (ColumnChoice(pair: "b"), false, "pair"),
  ])
  func `column options are refused for plain lines`(
    columns: ColumnChoice,
    wantsLabel: Bool,
    role: String
  ) throws {
    let message = try failure("one\n", .lines, columns: columns, wantsLabel: wantsLabel)
    #expect(message.hasPrefix("FILE: lines of text have no \(role) column"))
  }

  @Test func `a file that cannot be opened is an error with the system's message`() throws {
    let missing = #expect(throws: RecordError.self) {
      try RecordReader(path: "/nonexistent/file.txt", format: .lines)
    }
    #expect(missing?.description == "cannot open /nonexistent/file.txt: No such file or directory")
    let directory = #expect(throws: RecordError.self) { try RecordReader(path: "/", format: .csv) }
    #expect(directory?.description == "cannot read /: Is a directory")
    #expect(throws: RecordError.self) { try RecordReader(path: "", format: .lines) }
  }

  @Test func `a byte order mark is skipped in a pipe that delivers single bytes`() async throws {
    let file = try TemporaryFile("")
    unlink(file.path)
    try #require(mkfifo(file.path, 0o600) == 0)
    let path = file.path
    async let found: [String] = Task.detached {
      let reader = try RecordReader(path: path, format: .lines)
      #expect(reader.totalBytes == nil)
      var texts: [String] = []
      while let record = try reader.next() { texts.append(record.text) }
      return texts
    }.value
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    for byte in "\u{FEFF}one\ntwo".utf8 {
      _ = withUnsafeBytes(of: byte) { write(descriptor, $0.baseAddress, 1) }
      usleep(1000)
    }
    close(descriptor)
    #expect(try await found == ["one", "two"])
  }

  @Test func `a dash is standard input, and messages say so`() async {
    await #expect(processExitsWith: .success) {
      let file = try TemporaryFile("\u{FEFF}one\n\n")
      let descriptor = open(file.path, O_RDONLY)
      dup2(descriptor, STDIN_FILENO)
      let reader = try RecordReader(path: "-", format: .lines)
      #expect(reader.totalBytes == 8)
      #expect(try reader.next()?.text == "one")
      #expect(try reader.next()?.text == "")
      #expect(try reader.next() == nil)
      let other = try TemporaryFile([0xFF])
      dup2(open(other.path, O_RDONLY), STDIN_FILENO)
      let error = #expect(throws: RecordError.self) {
        try RecordReader(path: "-", format: .lines).next()
      }
      #expect(error?.description.hasPrefix("<stdin>:1: not UTF-8") == true)
    }
  }
}

struct RecordFormatTests {
  @Test(arguments: [
    ("a.txt", RecordFormat.lines), ("a.b.CSV", .csv), ("/x.y/z.Tsv", .tsv), ("a.jsonl", .jsonLines),
    ("a.NDJSON", .jsonLines), ("a", nil), ("a.json", .json), (".txt", nil), ("dir.csv/file", nil),
    ("", nil), ("/", nil), ("a.", nil), ("a.txt.gz", .lines), ("-", nil),
  ])
  func `the extension decides the format`(path: String, format: RecordFormat?) {
    #expect(RecordFormat(path: path) == format)
  }
}
