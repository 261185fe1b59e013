import SwiftletRecords
import Testing

struct CSVRecordsTests {
  @Test(arguments: [
    ("text\none\ntwo", ["one", "two"]),
    ("text\r\none\r\ntwo\r\n", ["one", "two"]),
    ("text\rone\rtwo\r", ["one", "two"]),
    ("\u{FEFF}text\n\"one\"\n", ["one"]),
    ("\u{FEFF}\"text\"\none\n", ["one"]),
    ("text\n\"a \"\"word\"\", quoted\"\n", ["a \"word\", quoted"]),
    ("text\n\"two\r\nlines\n\n\"\nnext", ["two\r\nlines\n\n", "next"]),
    ("text\n\"\"\n\"\"\"\"\n", ["", "\""]),
    ("text\nfive \"5\" inch\n", ["five \"5\" inch"]),
    ("text\n spaces stay \n", [" spaces stay "]),
    ("text\n\nx\n", ["", "x"]),
    ("text\n\"last\"", ["last"]),
    ("text\n\"last \"\"\"", ["last \""]),
    ("text", []),
  ])
  func `quotes, line ends and the byte order mark are read by RFC 4180`(
    text: String,
    expected: [String]
  ) throws {
    let found = try records(text, .csv)
    #expect(found.map { Array($0.text.utf8) } == expected.map { Array($0.utf8) })
    #expect(found.map(\.number) == Array(1..<(expected.count + 1)))
  }

  @Test func `a record has the number of its first line`() throws {
    let text = "label,text\r\n0,\"a\nb\r\nc\"\r\n\r\n1,d\n1,\"\n\"\n0,e"
    let found = try records(text, .csv, wantsLabel: true)
    #expect(found.map(\.line) == [2, 6, 7, 9])
    #expect(found.map(\.label) == ["0", "1", "1", "0"])
    #expect(found.map(\.number) == [1, 2, 3, 4])
  }

  @Test func `trailing empty fields count`() throws {
    let found = try records("a,text,b\n1,,\n,,\n", .csv)
    #expect(found.map(\.text) == ["", ""])
    #expect(try failure("a,text,b\n1,\n", .csv) == "FILE:2: expected 3 columns, found 2")
  }

  @Test(arguments: [
    ("a,text\n1,x\n\"2,y\n3,z\n", "FILE:3: the quoted field that begins here is never closed"),
    ("a,text\n1,\"x\ny\",\"\n", "FILE:3: the quoted field that begins here is never closed"),
    ("a,text\n1,\"x\"y\n", "FILE:2: after a closing quote expected a comma or the end of the row"),
    (
      "a,text\n1,\"x\n\" \n", "FILE:3: after a closing quote expected a comma or the end of the row"
    ),
    ("a,text\n1\n", "FILE:2: expected 2 columns, found 1"),
    ("a,text\n\n1,2\n1,2,3\n", "FILE:4: expected 2 columns, found 3"),
    ("", "FILE: the file is empty"),
    ("\n\r\n", "FILE: the file is empty"),
    ("\"text", "FILE:1: the quoted field that begins here is never closed"),
  ])
  func `malformed rows are errors that name the line`(text: String, message: String) throws {
    let found = try failure(text, .csv, columns: ColumnChoice(hasHeader: true))
    #expect(found.hasPrefix(message), "\(found)")
  }

  @Test func `a UTF-8 sequence with a separator inside is invalid`() throws {
    let bytes = Array("a,text\n\"x\ny".utf8) + [0xC3, 0x22, 0x2C, 0xA9, 0x0A]
    #expect(try failure(bytes, .csv).hasPrefix("FILE:3: not UTF-8"))
    #expect(try failure([0x61, 0xFF, 0x0A, 0x62], .csv).hasPrefix("FILE:1: not UTF-8"))
  }

  @Test func `an open quote ends at the limit`() throws {
    let text = "text\n\"" + String(repeating: "x\n", count: 5000)
    let message = try failure(text, .csv, recordLimit: 1000)
    #expect(message.hasPrefix("FILE:2: the record that starts here is longer than 1000 bytes"))
  }

  @Test(arguments: [RecordFormat.csv, .tsv])
  func `a row of only separators is refused at the limit`(format: RecordFormat) throws {
    let separator: Character = format == .csv ? "," : "\t"
    let text = "text\n" + String(repeating: separator, count: 100_000)
    #expect(try failure(text, format).hasPrefix("FILE:2: more than 65536 columns"))
  }

  @Test(arguments: 65_510..<65_545)
  func `a row may cross the read buffer at any byte`(length: Int) throws {
    let long = String(repeating: "x", count: length)
    let text = "text,label\r\n\"\(long)\"\"\",\"a\r\nb\"\r\né,\"\"\"\"\r\n"
    let found = try records(text, .csv, wantsLabel: true)
    #expect(found.map(\.text) == [long + "\"", "é"])
    #expect(found.map(\.label) == ["a\r\nb", "\""])
    #expect(found.map(\.line) == [2, 4])
  }

  @Test func `quoted fields read back as they were written`() throws {
    var random = SplitMix64(state: 7)
    let alphabet = ["a", "é", "\"", ",", "\n", "\r", "\r\n", " ", "\t", "𝄞"]
    for _ in 0..<200 {
      let rows = (0..<8).map { _ in
        (0..<2).map { _ in
          (0..<Int.random(in: 0..<6, using: &random))
            .map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }.joined()
        }
      }
      let text = ([["text", "label"]] + rows).map { row in
        row.map {
          "\""
            + $0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
        }
        .joined(separator: ",") + "\r\n"
      }.joined()
      let found = try records(text, .csv, wantsLabel: true)
      #expect(found.map { Array($0.text.utf8) } == rows.map { Array($0[0].utf8) })
      #expect(found.map { Array(($0.label ?? "").utf8) } == rows.map { Array($0[1].utf8) })
    }
  }

  @Test func `fields end only at separators, whatever bytes are beside them`() throws {
    var random = SplitMix64(state: 5)
    let neighbours = Array("+-.:<!#[]{}~\u{B}\u{E}\u{8} ".utf8)
    let texts = (0..<400).map { _ in
      "x"
        + String(
          decoding: (0..<Int.random(in: 0..<40, using: &random))
            .map { _ in neighbours[Int.random(in: 0..<neighbours.count, using: &random)] },
          as: UTF8.self)
    }
    for quote in ["", "\""] {
      let rows = texts.map { "\(quote)\($0)\(quote),\(quote)\($0)\(quote)\r\n" }.joined()
      let found = try records("text,label\n" + rows, .csv, wantsLabel: true)
      #expect(found.map(\.text) == texts)
      #expect(found.map(\.label) == texts)
    }
  }

  @Test(arguments: RecordFormat.allCases)
  func `random bytes give records or an error in every format`(format: RecordFormat) throws {
    var random = SplitMix64(state: 11)
    let alphabet = Array("text,label\t\r\n\"\\{}[]:1 é".utf8) + [0xFF, 0xEF, 0xBB, 0xBF, 0]
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      }
      for wantsLabel in [false, true] {
        do {
          let found = try records(bytes, format, wantsLabel: wantsLabel)
          #expect(found.count <= bytes.count)
        } catch let error as RecordError {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
