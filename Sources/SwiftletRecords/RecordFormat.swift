/// How the records of a file are written down.
package enum RecordFormat: Sendable, Equatable, CaseIterable {
  /// One text a line; an empty line is an empty text.
  case lines
  /// RFC 4180: commas, quotes, newlines inside quotes.
  case csv
  /// Tab-separated; a quote is a character like any other, as in the GLUE files.
  case tsv
  /// One JSON object a line; blank lines are passed over.
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
