import SwiftletSystem

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
  /// An array of JSON objects, or JSON Lines.
  case json
  /// A folder of `.txt` files, each of which is one text.
  case folder

  /// Returns the format for the extension of `path` (`.txt`, `.csv`, `.tsv`, `.jsonl`, `.ndjson`,
  /// `.json`, in upper or lower case), which the suffix of a compression may follow; nil for other
  /// extensions.
  package init?(path: String) {
    let path = Compression.stem(of: path)
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return nil }
    switch String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased() {
    case "txt": self = .lines
    case "csv": self = .csv
    case "tsv": self = .tsv
    case "jsonl", "ndjson": self = .jsonLines
    case "json": self = .json
    default: return nil
    }
  }
}
