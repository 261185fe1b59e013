import SwiftletSystem

/// A common file format without text records, detected by its first bytes or its suffix, with
/// advice on conversion.
package enum ForeignFormat: String, Sendable, Equatable, CaseIterable {
  case zip, tar
  case workbook, oldWorkbook, openDocument
  case parquet, arrow, orc, avro, sqlite, pickle
  case pdf, word, html, largeFilePointer

  /// Detects the format by the extension of `path`; nil if it is unknown.
  package init?(path: String) {
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return nil }
    let suffix = String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased()
    guard let format = Self.allCases.first(where: { $0.suffixes.contains(suffix) }) else {
      return nil
    }
    self = format
  }

  /// Detects the format by a file's first bytes; nil if they may be text.
  init?(signatureOf bytes: UnsafeBufferPointer<UInt8>) {
    let format = Self.allCases.first { format in
      format.signatures.contains { bytes.starts(with: $0) }
    }
    if let format {
      self = format
    } else if bytes.count >= 262, bytes[257..<262].elementsEqual("ustar".utf8) {
      self = .tar
    } else {
      return nil
    }
  }

  /// Returns whether `bytes` is a proper prefix of a signature.
  static func mayBegin(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    allCases.contains { format in
      format.signatures.contains { bytes.count < $0.count && $0.starts(with: bytes) }
    }
  }

  /// The name as the object of "this is …".
  package var name: String {
    switch self {
    case .tar: "a tar archive"
    case .zip: "a ZIP archive or an Excel workbook"
    case .workbook, .oldWorkbook: "an Excel workbook"
    case .openDocument: "an OpenDocument file"
    case .parquet: "a Parquet file"
    case .arrow: "an Arrow or Feather file"
    case .orc: "an ORC file"
    case .avro: "an Avro file"
    case .sqlite: "an SQLite database"
    case .pickle: "a Python pickle"
    case .pdf: "a PDF document"
    case .word: "a Word document"
    case .html: "an HTML page"
    case .largeFilePointer: "a Git LFS pointer"
    }
  }

  private var suffixes: [String] {
    switch self {
    case .tar: ["tar", "tgz", "tbz2", "txz"]
    case .zip: ["zip"]
    case .workbook: ["xlsx", "xlsm", "xlsb"]
    case .oldWorkbook: ["xls"]
    case .openDocument: ["ods", "odt"]
    case .parquet: ["parquet", "pq"]
    case .arrow: ["arrow", "feather", "ipc"]
    case .orc: ["orc"]
    case .avro: ["avro"]
    case .sqlite: ["sqlite", "sqlite3", "db"]
    case .pickle: ["pkl", "pickle"]
    case .pdf: ["pdf"]
    case .word: ["docx", "doc"]
    case .html: ["html", "htm"]
    case .largeFilePointer: []
    }
  }

  private var signatures: [[UInt8]] {
    switch self {
    case .zip: [[0x50, 0x4B, 0x03, 0x04], [0x50, 0x4B, 0x05, 0x06]]
    case .oldWorkbook: [[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]]
    case .parquet: [Array("PAR1".utf8) + [0x15]]
    case .arrow: [Array("ARROW1\0\0".utf8), Array("FEA1\0".utf8)]
    case .orc: [Array("ORC".utf8) + [0x08]]
    case .avro: [Array("Obj".utf8) + [0x01]]
    case .sqlite: [Array("SQLite format 3\0".utf8)]
    case .pickle: (2...5).map { [0x80, $0] }
    case .pdf: [Array("%PDF-".utf8)]
    case .html: ["<!DOCTYPE html", "<!doctype html"].map { Array($0.utf8) }
    case .largeFilePointer: [Array("version https://git-lfs.github.com/".utf8)]
    case .tar, .workbook, .openDocument, .word: []
    }
  }

  /// Returns how to convert the file at `path`, as a clause of a message.
  package func advice(for path: String) -> String {
    let file = ShellText.quote(path)
    switch self {
    case .tar: return "unpack it first: tar -xf \(file)"
    case .zip: return "unpack an archive with unzip \(file); save a workbook as CSV (UTF-8)"
    case .workbook, .oldWorkbook, .openDocument:
      return "save it as CSV (UTF-8), or convert it: \(python("read_excel", path))"
    case .parquet:
      let csv = ShellText.name(path, replacingSuffix: "csv")
      let query = "FROM \"\(path.replacing("\"", with: "\"\""))\""
      return "convert it: \(python("read_parquet", path)) or duckdb -csv -c"
        + " \(ShellText.quote(query)) > \(csv) or, in Spark, spark.read.parquet(…).write.json(…); "
        + Self.package
    case .arrow: return "convert it: \(python("read_feather", path)); \(Self.package)"
    case .orc:
      return "convert it: \(python("read_orc", path)) or, in Spark,"
        + " spark.read.orc(…).write.json(…); \(Self.package)"
    case .pickle: return "convert it: \(python("read_pickle", path)); \(Self.package)"
    case .avro: return "convert it to JSON Lines: avro-tools tojson \(file) > \(jsonName(of: path))"
    case .sqlite:
      return "export a table: sqlite3 -header -csv \(file) 'SELECT * FROM …' > "
        + ShellText.name(path, replacingSuffix: "csv")
    case .pdf:
      return "extract its text: pdftotext \(file) \(ShellText.name(path, replacingSuffix: "txt"))"
    case .word, .html: return "save it as text, one text on each line of a .txt file"
    case .largeFilePointer: return "get the file itself: git lfs pull"
    }
  }

  /// Returns the command by which `program` decompresses the file at `path`.
  static func unpacking(_ path: String, with program: String) -> String {
    guard path != "<stdin>" else { return "unpack it first: \(program) -dc | swiftlet …" }
    let name = Compression.stem(of: path)
    let target = name == path ? ShellText.name(path, inserting: "unpacked") : ShellText.quote(name)
    return "unpack it first: \(program) -dc < \(ShellText.quote(path)) > \(target)"
  }

  private static let package = "in Python, the package swiftlet reads the columns of pandas"

  private func jsonName(of path: String) -> String {
    ShellText.name(path, replacingSuffix: "jsonl")
  }

  private func python(_ function: String, _ path: String) -> String {
    let csv = ShellText.name(path, replacingSuffix: "csv")
    return "python3 -c 'import sys, pandas; pandas.\(function)(sys.argv[1])"
      + ".to_csv(sys.argv[2], index=False)' \(ShellText.quote(path)) \(csv)"
  }
}
