import Foundation
import Testing

@testable import SwiftletRecords

/// Files in other encodings than UTF-8.
struct EncodingTests {
  /// Bytes and what Python's codecs make of them; see `make_encodings.py`.
  private struct Golden: Decodable {
    let encoding: String
    let bytes: [UInt8]
    let valid: String
    let error: Int?
  }

  private static func goldens() throws -> [Golden] {
    let path =
      #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      .joined(separator: "/") + "/Fixtures/records/encodings.jsonl"
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(Golden.self, from: Data($0.utf8)) }
  }

  /// Converts bytes that arrive in pieces of `size`, into buffers of `room` bytes.
  private func convert(
    _ bytes: [UInt8], _ encoding: TextEncoding, size: Int, room: Int
  ) throws -> [UInt8] {
    let transcoder = try #require(Transcoder(encoding))
    var (result, waiting, rest): ([UInt8], [UInt8], ArraySlice) = ([], [], bytes[...])
    var output = [UInt8](repeating: 0, count: room)
    while true {
      let isAtEnd = rest.isEmpty
      waiting += rest.prefix(size)
      rest = rest.dropFirst(size)
      var written = 1
      while written > 0 {
        let count = output.withUnsafeMutableBufferPointer { output in
          waiting.withUnsafeBufferPointer { transcoder.convert($0, into: output, isAtEnd: isAtEnd) }
        }
        waiting.removeFirst(count.read)
        result += output[..<count.written]
        written = count.written
      }
      if isAtEnd {
        #expect(waiting.isEmpty)
        return result
      }
    }
  }

  @Test func `texts and the first fault are those of Python's codecs, in pieces of any size`()
    throws
  {
    let goldens = try Self.goldens()
    #expect(goldens.count == 160)
    for (index, golden) in goldens.enumerated() {
      let encoding = try #require(TextEncoding(name: golden.encoding))
      let whole = try convert(golden.bytes, encoding, size: 1000, room: 1000)
      let comment = "line \(index + 1)"
      #expect(
        (String(validating: whole, as: UTF8.self) != nil) == (golden.error == nil), "\(comment)")
      let valid = whole.prefix(golden.valid.utf8.count)
      let rest = whole.dropFirst(valid.count)
      #expect(valid.elementsEqual(golden.valid.utf8), "\(comment)")
      #expect(rest.isEmpty == (golden.error == nil), "\(comment)")
      if let fault = rest.first {
        // No character begins with such a byte, or with 0xED before a surrogate.
        #expect((0x80...0xBF).contains(fault) || [0xED, 0xFF].contains(fault), "\(comment)")
      }
      for (size, room) in [(1, 4), (2, 5), (3, 1000)] {
        #expect(try convert(golden.bytes, encoding, size: size, room: room) == whole)
      }
    }
  }

  private static let table = "id,text\n1,\"Café, 5€\"\n2,\"naïve\nline\"\n"

  private static func bytes(_ text: String, _ encoding: String.Encoding) throws -> [UInt8] {
    Array(try #require(text.data(using: encoding)))
  }

  @Test(arguments: [
    (TextEncoding?.none, [0xFF, 0xFE] as [UInt8], String.Encoding.utf16LittleEndian),
    (nil, [0xFE, 0xFF], .utf16BigEndian), (.utf16, [0xFF, 0xFE], .utf16LittleEndian),
    (.utf16, [0xFE, 0xFF], .utf16BigEndian), (.utf16, [], .utf16LittleEndian),
    (.utf16LittleEndian, [0xFF, 0xFE], .utf16LittleEndian),
    (.utf16LittleEndian, [], .utf16LittleEndian), (.utf16BigEndian, [], .utf16BigEndian),
    (.cp1252, [], .windowsCP1252), (.utf8, [], .utf8), (.utf8, [0xEF, 0xBB, 0xBF], .utf8),
  ])
  func `a table is read in its encoding, with and without a byte order mark`(
    given: TextEncoding?, mark: [UInt8], written: String.Encoding
  ) throws {
    let bytes = mark + (try Self.bytes(Self.table, written))
    let file = try TemporaryFile(bytes)
    let reader = try RecordReader(
      path: file.path, format: .csv, dialect: DialectChoice(encoding: given))
    #expect(try reader.next() == Record(number: 1, line: 2, id: "1", text: "Café, 5€"))
    #expect(try reader.next() == Record(number: 2, line: 3, id: "2", text: "naïve\nline"))
    #expect(try reader.next() == nil)
    #expect(reader.bytesRead == bytes.count && reader.totalBytes == bytes.count)
  }

  @Test(arguments: [TextEncoding.utf16LittleEndian, .latin1])
  func `a file larger than the buffers is converted in pieces`(encoding: TextEncoding) throws {
    let lines = (0..<20_000).map { "line \($0) é\(encoding == .latin1 ? "" : "😀東")" }
    let written = encoding == .latin1 ? String.Encoding.isoLatin1 : .utf16LittleEndian
    let bytes = try Self.bytes(lines.joined(separator: "\n"), written)
    let file = try TemporaryFile(bytes)
    let reader = try RecordReader(
      path: file.path, format: .lines, dialect: DialectChoice(encoding: encoding))
    var last = 0
    for line in lines {
      #expect(try reader.next()?.text == line)
      #expect(reader.bytesRead >= 0 && reader.bytesRead <= bytes.count)
      last = reader.bytesRead
    }
    #expect(last == bytes.count)
    #expect(try reader.next() == nil)
  }

  private static let faults: [(TextEncoding, [UInt8], String)] = [
    (
      .cp1252, [0x6F, 0x6B, 0x0A, 0x63, 0x61, 0x66, 0xE9, 0x81],
      """
      FILE:2: not Windows-1252: character 5 is the undefined byte 0x81; --encoding latin1 \
      reads every byte
      """
    ),
    (
      .utf16LittleEndian, [0x61, 0, 0x0A, 0, 0xE9, 0, 0x3D, 0xD8, 0x62, 0],
      """
      FILE:2: not UTF-16LE: character 2 is 0xD83D, half of a surrogate pair; the file is \
      damaged there: correct the line
      """
    ),
    (
      .utf16BigEndian, [0, 0x61, 0xDC, 0x00],
      """
      FILE:1: not UTF-16BE: character 2 is 0xDC00, half of a surrogate pair; the file is \
      damaged there: correct the line
      """
    ),
    (
      .utf16BigEndian, [0, 0x61, 0, 0x0A, 0],
      """
      FILE:2: not UTF-16BE: the file ends within character 1; it may be truncated
      """
    ),
    (
      .latin1, [0xFF, 0xFE, 0x61, 0],
      """
      FILE: the file begins with the byte order mark of UTF-16LE, so it is not Latin-1; \
      leave out --encoding latin1
      """
    ),
    (
      .utf16BigEndian, [0xFF, 0xFE, 0x61, 0],
      """
      FILE: the file begins with the byte order mark of UTF-16LE, so it is not UTF-16BE; \
      leave out --encoding utf-16be
      """
    ),
    (
      .utf8, [0xFE, 0xFF, 0, 0x61],
      """
      FILE: the file begins with the byte order mark of UTF-16BE, so it is not UTF-8; \
      leave out --encoding utf-8
      """
    ),
    (
      .utf16, [0x70, 0x6C, 0x61, 0x69, 0x6E],
      """
      FILE: the file begins with ASCII characters of one byte each, so it is not UTF-16; \
      leave out --encoding utf-16
      """
    ),
    (
      .utf16, [0, 0x61, 0, 0x62, 0, 0x63],
      """
      FILE: the file looks like UTF-16BE, not UTF-16; give --encoding utf-16be
      """
    ),
    (
      .cp1252, [0x61, 0, 0x62, 0, 0x63, 0],
      """
      FILE: the file looks like UTF-16LE, not Windows-1252; give --encoding utf-16le
      """
    ),
  ]

  @Test(arguments: faults)
  func `a fault is named with its line and what to do`(
    encoding: TextEncoding, bytes: [UInt8], message: String
  ) throws {
    #expect(try failure(bytes, .lines, dialect: DialectChoice(encoding: encoding)) == message)
  }

  @Test(arguments: TextEncoding.allCases)
  func `a file of one byte is read to its end`(encoding: TextEncoding) throws {
    let dialect = DialectChoice(encoding: encoding)
    if encoding.rawValue.hasPrefix("utf-16") {
      #expect(try failure([0], .lines, dialect: dialect).contains("ends within character 1"))
    } else {
      #expect(try records([0], .lines, dialect: dialect).map(\.text) == ["\0"])
    }
    #expect(try records([] as [UInt8], .lines, dialect: dialect).isEmpty)
  }

  @Test func `rows after one with a fault can be read`() throws {
    let bytes = Array("text,b\nfine,1\nbad ".utf8) + [0x90] + Array(",2\nlast,3\n".utf8)
    let file = try TemporaryFile(bytes)
    let reader = try RecordReader(
      path: file.path, format: .csv, dialect: DialectChoice(encoding: .cp1252))
    #expect(try reader.next()?.text == "fine")
    let error = #expect(throws: RecordError.self) { try reader.next() }
    #expect(error?.line == 3 && error?.endsFile == false)
    #expect(error?.description.contains("character 5 of column 1 is") == true)
    #expect(try reader.next()?.text == "last")
  }

  @Test(arguments: [
    ("utf8", TextEncoding.utf8), ("UTF-16", .utf16), ("utf_16_le", .utf16LittleEndian),
    ("ISO-8859-1", .latin1), ("Latin-1", .latin1), ("windows-1252", .cp1252), ("CP1252", .cp1252),
    ("koi8-r", nil), ("", nil),
  ])
  func `encodings have the names of Python and iconv`(name: String, encoding: TextEncoding?) {
    #expect(TextEncoding(name: name) == encoding)
  }
}
