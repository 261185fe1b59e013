import ArgumentParser
import SwiftletSystem

/// The formats in which one command writes its answers: the values of its `--format`.
protocol OutputFormat: ExpressibleByArgument, CaseIterable, RawRepresentable<String>, Equatable {
  /// The default on a terminal.
  static var forPeople: Self { get }
  /// The default elsewhere.
  static var jsonl: Self { get }
  static var csv: Self { get }
  static var tsv: Self { get }
}

/// `--format` of `classify`.
enum ClassifyFormat: String, OutputFormat {
  case table, jsonl, csv, tsv

  static let forPeople = ClassifyFormat.table
}

/// `--format` of the other tasks.
enum TaskFormat: String, OutputFormat {
  case text, jsonl, csv, tsv

  static let forPeople = TaskFormat.text
}

/// `--format` of `embed`.
enum EmbedFormat: String, OutputFormat {
  case text, jsonl, csv, tsv, npy

  static let forPeople = EmbedFormat.text
}

extension OutputFormat {
  /// Whether rows have names for their values, so that further columns have a place.
  var hasColumns: Bool { self == .jsonl || self == .csv || self == .tsv }

  /// What separates the values of a row.
  var separator: UInt8 { UInt8(ascii: self == .tsv ? "\t" : ",") }

  /// The suffixes of the files that are of this format, the usual one first.
  private var suffixes: [String] {
    if self == .forPeople { return ["txt"] }
    return self == .jsonl ? ["jsonl", "ndjson"] : [rawValue]
  }

  /// Chooses the format of an output by the suffix of its name, before that of a compression; a name
  /// without a suffix, or with one of no known format, gets the format that is asked for.
  ///
  /// - Parameters:
  ///   - path: the file to write; nil for standard output
  ///   - asked: `--format`
  ///   - isTerminal: whether standard output is a terminal
  /// - Returns: the format to write
  /// - Throws: `ValidationError` for a suffix of another format than `asked`, or of one that this
  ///   command does not write
  static func chosen(
    for path: String?, asked: Self?, isTerminal: Bool
  ) throws(ValidationError) -> Self {
    guard let path else { return asked ?? (isTerminal ? .forPeople : .jsonl) }
    guard let suffix = FileSuffix.of(Compression.stem(of: path)) else { return asked ?? .jsonl }
    let name = DisplayText.oneLine(path)
    if let named = allCases.first(where: { $0.suffixes.contains(suffix) }) {
      guard let asked, asked != named else { return named }
      throw ValidationError(
        "--output \(name) is named as \(named.rawValue), but \(asked.rawValue) is asked for;"
          + " change one of them, or leave the format out")
    }
    if let asked, FileSuffix.isFree(suffix) || suffix == "json" && asked == .jsonl { return asked }
    throw ValidationError(
      "--output \(name): this command does not write .\(DisplayText.oneLine(suffix));"
        + " it writes \(summary)\(hint(for: suffix))")
  }

  /// `.txt (table), .jsonl, .csv or .tsv`.
  private static var summary: String {
    let kinds = allCases.map { format in
      "." + format.suffixes[0] + (format == .forPeople ? " (\(format.rawValue))" : "")
    }
    return kinds.dropLast().joined(separator: ", ") + " or " + (kinds.last ?? "")
  }

  private static func hint(for suffix: String) -> String {
    switch suffix {
    case "json": "; --format jsonl writes one object a line under this name"
    case _ where FileSuffix.isFree(suffix): "; --format writes one of them under this name"
    default: ""
    }
  }
}

/// The part of a file name after its last dot.
enum FileSuffix {
  /// In lower case; nil for a name without one, and for a hidden file's `.name`.
  static func of(_ path: String) -> String? {
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return nil }
    let suffix = String(decoding: name[name.index(after: dot)...], as: UTF8.self)
    return suffix.isEmpty ? nil : suffix.lowercased()
  }

  /// Whether a suffix implies no format, so that `--format` may choose one.
  static func isFree(_ suffix: String) -> Bool { !taken.contains(suffix) }

  /// Suffixes that readers know. A command writes answers only under those of its own formats.
  private static let taken: Set<String> = [
    "txt", "csv", "tsv", "jsonl", "ndjson", "json", "npy",
    "npz", "parquet", "arrow", "feather", "ipc", "avro", "orc", "h5", "hdf5", "pkl", "pickle", "pt",
    "pth", "bin", "safetensors", "onnx", "xls", "xlsx", "xlsm", "ods", "db", "sqlite", "sqlite3",
    "duckdb", "gz", "bz2", "xz", "zst", "lz4", "zip", "tar", "tgz", "7z", "xml", "html", "yaml",
    "yml", "pdf", "doc", "docx",
  ]
}
