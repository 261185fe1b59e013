import Foundation
import Glibc
import SwiftletRecords
import Testing

/// Files that are not text in UTF-8, under names that say they are.
struct ForeignFileTests {
  @Test(arguments: [
    (
      [0x50, 0x4B, 0x03, 0x04, 0x14] as [UInt8], "a ZIP archive or an Excel workbook",
      "save a workbook as CSV"
    ),
    ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an Excel workbook", "read_excel"),
    (Array("PAR1".utf8) + [0x15, 0x04], "a Parquet file", "read_parquet"),
    (Array("SQLite format 3\0".utf8), "an SQLite database", "sqlite3 -header -csv"),
    (Array("%PDF-1.7\n".utf8), "a PDF document", "pdftotext"),
    (Array("ARROW1\0\0".utf8), "an Arrow or Feather file", "read_feather"),
    ([0x80, 0x04, 0x95, 0x00], "a Python pickle", "read_pickle"),
    (Array("<!DOCTYPE html>\n<p>".utf8), "an HTML page", "save it as text"),
    (
      Array("version https://git-lfs.github.com/spec/v1\n".utf8), "a Git LFS pointer",
      "git lfs pull"
    ),
  ])
  func `a file of another format is refused with a command that converts it`(
    bytes: [UInt8], name: String, advice: String
  ) throws {
    for format in RecordFormat.ofFiles {
      let message = try failure(bytes, format)
      #expect(message.hasPrefix("FILE: this is \(name), not text; "), "\(message)")
      #expect(message.contains(advice), "\(message)")
    }
  }

  @Test(arguments: ["P", "PK", "BZ", "PAR", "PAR1,text\nx,A\n", "<", "ORC", "version\n"])
  func `a text that begins like another format is still text`(text: String) throws {
    #expect(throws: Never.self) { try records(text, .lines) }
    #expect(
      try records(text, .lines).first?.text == text.split(separator: "\n").first.map(String.init))
  }

  @Test(arguments: [
    ("a.parquet", ForeignFormat.parquet), ("b/c.XLSX", .workbook), ("x.tar", .tar),
    ("d.tgz", .tar), ("e.csv", nil), ("f", nil), (".gz", nil), ("g.db", .sqlite),
  ])
  func `a format is known by its suffix`(path: String, format: ForeignFormat?) {
    #expect(ForeignFormat(path: path) == format)
  }

  @Test func `the proposed command quotes file names`() {
    #expect(
      ForeignFormat.tar.advice(for: "a b/it's.tar") == "unpack it first: tar -xf 'a b/it'\\''s.tar'"
    )
  }

  private static let table = "text,label\nGreat film,pos\nDull,neg\n"

  @Test(arguments: [
    ([] as [UInt8], 2, false, "UTF-16LE", "--encoding utf-16le"),
    ([], 2, true, "UTF-16BE", "--encoding utf-16be"),
    ([0xFF, 0xFE, 0, 0], 4, false, "UTF-32", "iconv -f UTF-32 -t UTF-8 "),
    ([0, 0, 0xFE, 0xFF], 4, true, "UTF-32", "iconv -f UTF-32 -t UTF-8 "),
    ([], 4, false, "UTF-32LE", "iconv -f UTF-32LE -t UTF-8 "),
    ([], 4, true, "UTF-32BE", "iconv -f UTF-32BE -t UTF-8 "),
  ])
  func `UTF-16 without a byte order mark and UTF-32 are named with what reads them`(
    mark: [UInt8], width: Int, isBigEndian: Bool, name: String, advice: String
  ) throws {
    let zeros = [UInt8](repeating: 0, count: width - 1)
    let bytes = mark + Self.table.utf8.flatMap { isBigEndian ? zeros + [$0] : [$0] + zeros }
    for format in RecordFormat.ofFiles {
      let message = try failure(bytes, format)
      #expect(message.hasPrefix("FILE: looks like \(name), not UTF-8; "), "\(message)")
      #expect(message.contains(advice), "\(message)")
    }
  }

  @Test(arguments: [
    (
      Array("caf".utf8) + [0xE9] + Array(" noir".utf8), "byte 4", "0xE9", "\"café\"",
      "--encoding cp1252"
    ),
    (
      [0x93] + Array("Great".utf8) + [0x94], "byte 1", "0x93", "\"“Great”\"", "--encoding cp1252"
    ),
    (
      Array("a".utf8) + [0xE7, 0xE3] + Array("o".utf8), "byte 2", "0xE7", "\"ação\"",
      "--encoding cp1252"
    ),
    (
      Array("é a café ".utf8) + [0xC3, 0x20], "byte 12", "0xC3", "rest of the file is UTF-8",
      "-c -f UTF-8"
    ),
    (
      [0xCF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2], "byte 1", "0xCF", "neither UTF-8 nor Latin-1",
      "iconv -l"
    ),
  ])
  func `invalid bytes are reported with line, byte and the likely encoding`(
    bytes: [UInt8], place: String, byte: String, word: String, command: String
  ) throws {
    let lines = try failure(Array("fine\n".utf8) + bytes + [0x0A], .lines)
    #expect(lines.hasPrefix("FILE:2: not UTF-8: \(place) is \(byte); "), "\(lines)")
    #expect(lines.contains(word) && lines.contains(command), "\(lines)")
    let rows = try failure(Array("id,text\n1,fine\n2,".utf8) + bytes + [0x0A], .csv)
    #expect(rows.hasPrefix("FILE:3: not UTF-8: \(place) of column 2 is \(byte); "), "\(rows)")
    #expect(rows.contains(command), "\(rows)")
    let json = try failure(Array("{\"text\": \"".utf8) + bytes + Array("\"}\n".utf8), .jsonLines)
    #expect(json.hasPrefix("FILE:1: not UTF-8: byte ") && json.contains(command), "\(json)")
  }

  @Test func `a signature is found in a pipe that delivers single bytes`() throws {
    let pipe = try Pipe { pipe in
      for byte in Array("PAR1".utf8) + [0x15] {
        pipe.send([byte])
        usleep(1000)
      }
    }
    let error = #expect(throws: RecordError.self) {
      try RecordReader(path: pipe.path, format: .csv)
    }
    #expect(error?.description.contains("a Parquet file") == true)
  }

  @Test func `a pipe that pauses after a line is judged by its first bytes`() throws {
    let wasRead = DispatchSemaphore(value: 0)
    let pipe = try Pipe { pipe in
      pipe.send(Array("text;label\nA, b;pos\n".utf8))
      // The reader returns the first row before the second is written.
      wasRead.wait()
      pipe.send(Array("C;neg\n".utf8))
    }
    let reader = try RecordReader(path: pipe.path, format: .csv)
    #expect(try reader.next()?.text == "A, b")
    wasRead.signal()
    #expect(try reader.next()?.text == "C")
    #expect(try reader.next() == nil)
  }
}
