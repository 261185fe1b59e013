/// The format of a file of records.
package enum RecordFormat: Sendable, Equatable, CaseIterable {
  /// One text per line; an empty line is an empty text.
  case lines
  /// RFC 4180: commas, quotes, line breaks inside quotes; other separators are detected.
  case csv
  /// Tab-separated; whether quotes enclose fields or are text is detected.
  case tsv
  /// One JSON object per line, by the rules of Python's `json`; blank lines are skipped.
  case jsonLines

  /// Returns the format for the extension of `path` (`.txt`, `.csv`, `.tsv`, `.jsonl`, `.ndjson`,
  /// in upper or lower case); nil for other extensions.
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
