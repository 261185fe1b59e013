/// How the records of a file are written down.
package enum RecordFormat: Sendable, Equatable, CaseIterable {
  /// One text a line; an empty line is an empty text.
  case lines
  /// RFC 4180: commas, quotes, newlines inside quotes; another separator is found from the file.
  case csv
  /// Tab-separated, with quoted fields or with quotes as text, which is found from the file.
  case tsv
  /// One JSON object a line, by the rules of Python's `json`; blank lines are skipped.
  case jsonLines

  /// The format that the extension of `path` stands for (`.txt`, `.csv`, `.tsv`, `.jsonl`,
  /// `.ndjson`, in any case); nil for another one.
  package init?(path: String) {
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return nil }
    switch String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased() {
    case "txt": self = .lines
    case "csv": self = .csv
    case "tsv": self = .tsv
    case "jsonl", "ndjson": self = .jsonLines
    default: return nil
    }
  }
}
