import Foundation
import SwiftletSystem
import Testing

@testable import SwiftletRecords

/// Files that a program of the system decompresses.
struct CompressionTests {
  private static let table = "id,text\n1,\"x, y\"\n2,café\n"

  /// Compresses bytes with the program of the system.
  private static func packed(_ bytes: [UInt8], _ compression: Compression) throws -> [UInt8] {
    let file = try TemporaryFile("")
    let descriptor = open(file.path, O_WRONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let child = try compression.compress(to: descriptor)
    let written = bytes.withUnsafeBytes { FileWriting.write($0, to: child.input ?? -1) }
    try #require(written == bytes.count)
    try child.wait()
    return Array(try Data(contentsOf: URL(filePath: file.path)))
  }

  @Test(arguments: Compression.allCases)
  func `a compressed table has the rows of the table`(compression: Compression) throws {
    let bytes = try Self.packed(Array(Self.table.utf8), compression)
    let file = try TemporaryFile(bytes)
    let reader = try RecordReader(path: file.path, format: .csv)
    #expect(try reader.next() == Record(number: 1, line: 2, id: "1", text: "x, y"))
    #expect(try reader.next() == Record(number: 2, line: 3, id: "2", text: "café"))
    #expect(try reader.next() == nil)
    #expect(reader.bytesRead == bytes.count && reader.totalBytes == bytes.count)
  }

  @Test(arguments: Compression.allCases)
  func `a compressed pipe that delivers single bytes is read`(compression: Compression) throws {
    let bytes = try Self.packed(Array(Self.table.utf8), compression)
    let pipe = try Pipe { pipe in
      for byte in bytes {
        pipe.send([byte])
        usleep(100)
      }
    }
    let reader = try RecordReader(path: pipe.path, format: .csv)
    var texts: [String] = []
    while let record = try reader.next() { texts.append(record.text) }
    #expect(texts == ["x, y", "café"])
    #expect(reader.totalBytes == nil && reader.bytesRead == bytes.count)
  }

  @Test func `a compressed file may be in UTF-16`() throws {
    let text = try #require("\u{FEFF}text\ncafé\n".data(using: .utf16LittleEndian))
    let bytes = try Self.packed(Array(text), .gzip)
    #expect(try records(bytes, .csv, columns: ColumnChoice(text: "text")).map(\.text) == ["café"])
  }

  @Test(arguments: Compression.allCases)
  func `a truncated file is an error after its complete rows`(compression: Compression) throws {
    var random = SplitMix64(state: 3)
    let lines = (0..<40_000).map { _ in "\(random.next())" }
    let bytes = try Self.packed(Array(lines.joined(separator: "\n").utf8), compression)
    // A block of bzip2 has 900,000 bytes of text.
    let file = try TemporaryFile(Array(bytes.prefix(bytes.count * 9 / 10)))
    let reader = try RecordReader(path: file.path, format: .lines)
    var count = 0
    var message = ""
    while true {
      do throws(RecordError) {
        guard let record = try reader.next() else { break }
        if count < 30_000, compression != .bzip2 { #expect(record.text == lines[count]) }
        count += 1
      } catch {
        message = error.description
        break
      }
    }
    #expect(compression == .bzip2 || count > 10_000)
    let program = compression.program
    #expect(
      message.hasPrefix("\(file.path): the program \(program) failed with status "), "\(message)")
  }

  @Test(arguments: [
    (Compression.gzip, [0x1F, 0x8B, 0x08, 0x00, 0x41] as [UInt8]),
    (.zstandard, [0x28, 0xB5, 0x2F, 0xFD, 0x41]), (.bzip2, Array("BZh91AY&SY".utf8)),
    (.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00]),
  ])
  func `a file that only begins like compressed data is an error`(
    compression: Compression, bytes: [UInt8]
  ) throws {
    for format in RecordFormat.ofFiles {
      let message = try failure(bytes, format)
      #expect(message.hasPrefix("FILE: the program \(compression.program) failed"), "\(message)")
    }
  }

  @Test func `zeros after gzip's data are ignored, as gzip does`() throws {
    let bytes = try Self.packed(Array("a\nb\n".utf8), .gzip)
    #expect(
      try records(bytes + [UInt8](repeating: 0, count: 600), .lines).map(\.text) == ["a", "b"])
  }

  @Test func `data compressed twice and archives are refused with a command`() throws {
    let twice = try Self.packed(try Self.packed(Array("a\n".utf8), .xz), .gzip)
    let message = try failure(twice, .lines)
    #expect(
      message.hasPrefix("FILE: this is xz data inside gzip data; unpack it first: gzip -dc < "))
    var archive = [UInt8](repeating: 0, count: 1024)
    archive.replaceSubrange(0..<5, with: "a.csv".utf8)
    archive.replaceSubrange(257..<262, with: "ustar".utf8)
    for bytes in [archive, try Self.packed(archive, .gzip)] {
      #expect(try failure(bytes, .csv).hasPrefix("FILE: this is a tar archive, not text; unpack"))
    }
  }

  @Test func `a reader that stops early ends the program`() throws {
    let lines = [UInt8](repeating: UInt8(ascii: "\n"), count: 4_000_000)
    let file = try TemporaryFile(try Self.packed(lines, .gzip))
    var reader: RecordReader? = try RecordReader(path: file.path, format: .lines)
    #expect(try reader?.next()?.text == "")
    // Does not wait for the rest of the file.
    reader = nil
  }

  @Test func `the suffix before that of the compression decides the format`() {
    #expect(RecordFormat(path: "a/b.csv.gz") == .csv)
    #expect(RecordFormat(path: "b.TXT.ZST") == .lines)
    #expect(RecordFormat(path: "b.json.xz") == .json)
    #expect(RecordFormat(path: "b.gz") == nil && RecordFormat(path: ".csv.gz") == nil)
  }
}
