import SwiftletJSON
import SwiftletTraining

/// The format of a file of label issues.
enum IssueFormat {
  case jsonLines, csv, tsv

  /// By the suffix of a name; nil for others.
  init?(path: String) {
    switch FileSuffix.of(path) {
    case "jsonl", "ndjson": self = .jsonLines
    case "csv": self = .csv
    case "tsv": self = .tsv
    default: return nil
    }
  }
}

/// Rows with a probably wrong label, as JSON Lines or as a table.
enum IssueFile {
  /// The bytes of the whole file; with `hasPairs` there is a column for second texts.
  static func bytes(
    _ list: IssueList, labels: [String], hasPairs: Bool, format: IssueFormat
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    let separator = UInt8(ascii: format == .tsv ? "\t" : ",")
    if format != .jsonLines {
      CSVText.append(row: columns(hasPairs: hasPairs), separator: separator, to: &bytes)
    }
    for row in list.rows {
      let members = members(of: row, labels: labels, hasPairs: hasPairs)
      guard format != .jsonLines else {
        bytes += JSONValue.object(members).line
        continue
      }
      CSVText.append(row: members.map { field($0.value) }, separator: separator, to: &bytes)
    }
    return bytes
  }

  private static func columns(hasPairs: Bool) -> [String] {
    ["line", "id", "text"] + (hasPairs ? ["pair"] : [])
      + ["label", "suggested", "self_confidence", "normalized_margin"]
  }

  private static func members(
    of row: IssueList.Row, labels: [String], hasPairs: Bool
  ) -> [JSONValue.Member] {
    let (text, issue) = (row.text, row.issue)
    return [
      ("line", text.line.map(JSONValue.int) ?? .null),
      ("id", text.id.map(JSONValue.string) ?? .null), ("text", .string(text.text)),
    ] + (hasPairs ? [("pair", .string(text.pair ?? ""))] : []) + [
      ("label", .string(labels[issue.given])), ("suggested", .string(labels[issue.suggested])),
      ("self_confidence", .float(Float(issue.selfConfidence))),
      ("normalized_margin", .float(Float(issue.normalizedMargin))),
    ]
  }

  /// A value without quotes; empty for null.
  private static func field(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    default: String(decoding: value.json, as: UTF8.self)
    }
  }
}
