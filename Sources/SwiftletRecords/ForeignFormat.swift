/// A common file format without text records, detected by its first bytes or its suffix, with
/// advice on conversion.
package enum ForeignFormat: String, Sendable, Equatable, CaseIterable {
  case gzip, zstandard, bzip2, xz, zip
  case workbook, oldWorkbook, openDocument
  case parquet, arrow, orc, avro, sqlite, pickle
  case json, pdf, word, html, largeFilePointer

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
    guard let format else { return nil }
    self = format
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
    case .gzip: "gzip data"
    case .zstandard: "Zstandard data"
    case .bzip2: "bzip2 data"
    case .xz: "xz data"
    case .zip: "a ZIP archive or an Excel workbook"
    case .workbook, .oldWorkbook: "an Excel workbook"
    case .openDocument: "an OpenDocument file"
    case .parquet: "a Parquet file"
    case .arrow: "an Arrow or Feather file"
    case .orc: "an ORC file"
    case .avro: "an Avro file"
    case .sqlite: "an SQLite database"
    case .pickle: "a Python pickle"
    case .json: "a JSON document"
    case .pdf: "a PDF document"
    case .word: "a Word document"
    case .html: "an HTML page"
    case .largeFilePointer: "a Git LFS pointer"
    }
  }

  private var suffixes: [String] {
    switch self {
    case .gzip: ["gz", "gzip", "tgz"]
    case .zstandard: ["zst", "zstd"]
    case .bzip2: ["bz2"]
    case .xz: ["xz", "lzma"]
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
    case .json: ["json"]
    case .pdf: ["pdf"]
    case .word: ["docx", "doc"]
    case .html: ["html", "htm"]
    case .largeFilePointer: []
    }
  }

  private var signatures: [[UInt8]] {
    switch self {
    case .gzip: [[0x1F, 0x8B, 0x08]]
    case .zstandard: [[0x28, 0xB5, 0x2F, 0xFD]]
    case .bzip2:
      (UInt8(ascii: "1")...UInt8(ascii: "9")).map { Array("BZh".utf8) + [$0, 0x31, 0x41] }
    case .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]]
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
    case .workbook, .openDocument, .json, .word: []
    }
  }

  /// Returns how to convert the file at `path`, as a clause of a message.
  package func advice(for path: String) -> String {
    let file = ShellText.quote(path)
    let isStandardInput = path == "<stdin>"
    switch self {
    case .gzip, .zstandard, .bzip2, .xz:
      let program = unpacker
      if isStandardInput { return "unpack it first: \(program) -dc | swiftlet …" }
      return "unpack it first: \(program) -dc < \(file) > \(unpackedName(of: path))"
    case .zip: return "unpack an archive with unzip \(file); save a workbook as CSV (UTF-8)"
    case .workbook, .oldWorkbook, .openDocument:
      return "save it as CSV (UTF-8), or convert it: \(python("read_excel", path))"
    case .parquet: return "convert it: \(python("read_parquet", path))"
    case .arrow: return "convert it: \(python("read_feather", path))"
    case .orc: return "convert it: \(python("read_orc", path))"
    case .pickle: return "convert it: \(python("read_pickle", path))"
    case .avro: return "convert it to JSON Lines: avro-tools tojson \(file) > \(jsonName(of: path))"
    case .sqlite:
      return "export a table: sqlite3 -header -csv \(file) 'SELECT * FROM …' > "
        + ShellText.name(path, replacingSuffix: "csv")
    case .json:
      return "write one object on each line: jq -c '.[]' \(file) > \(jsonName(of: path))"
    case .pdf:
      return "extract its text: pdftotext \(file) \(ShellText.name(path, replacingSuffix: "txt"))"
    case .word, .html: return "save it as text, one text on each line of a .txt file"
    case .largeFilePointer: return "get the file itself: git lfs pull"
    }
  }

  private var unpacker: String {
    switch self {
    case .zstandard: "zstd"
    case .bzip2: "bzip2"
    case .xz: "xz"
    default: "gzip"
    }
  }

  /// Returns the name without the suffix of the compression, or with an inserted word if it has
  /// none.
  private func unpackedName(of path: String) -> String {
    ForeignFormat(path: path) == self
      ? ShellText.name(path, replacingSuffix: nil)
      : ShellText.name(path, inserting: "unpacked")
  }

  private func jsonName(of path: String) -> String {
    ShellText.name(path, replacingSuffix: "jsonl")
  }

  private func python(_ function: String, _ path: String) -> String {
    let csv = ShellText.name(path, replacingSuffix: "csv")
    return "python3 -c 'import sys, pandas; pandas.\(function)(sys.argv[1])"
      + ".to_csv(sys.argv[2], index=False)' \(ShellText.quote(path)) \(csv)"
  }
}
