import Swiftlet
import SwiftletJSON

/// A label and how sure the model is of it.
struct ScoredLabel: Equatable, Sendable {
  let label: String
  let score: Float
}

extension ScoredLabel {
  init(_ scored: LabelScore) { self.init(label: scored.label, score: scored.score) }

  var json: JSONValue { .object([("label", .string(label)), ("score", .float(score))]) }
}

/// One answer with the text it answers.
struct ResultRow: Equatable, Sendable {
  let record: Int
  let file: String?
  let id: String?
  let text: String
  /// The best label first; none for an empty text.
  let scores: [ScoredLabel]
  /// Whether the best score is below the least that was asked for.
  var abstains = false
  /// The labels that reach their thresholds, best first.
  var accepted: [ScoredLabel] = []
  /// Whether the text was longer than the model reads.
  let isTruncated: Bool

  var isEmpty: Bool { scores.isEmpty }
}

/// What the rows of one run have in common.
struct ResultLayout: Sendable {
  /// The model's labels, in index order.
  let labels: [String]
  /// How many labels a row lists; 1 for the best alone.
  let labelsPerRow: Int
  /// Whether `--top-k` or `--all-scores` asked for a list, of however many labels.
  let listsScores: Bool
  /// Whether `--minimum-score` asked for a decision.
  var showsDecision = false
  /// Whether `--threshold` or `--label-threshold` asked for the labels that are accepted.
  var showsAccepted = false
  let showsFile: Bool
  let showsID: Bool
  /// Whether scores are shares of one.
  let scoresAreProbabilities: Bool
  /// How many records there will be, where that is known.
  let recordCount: Int?
}

/// Turns rows into bytes of one format.
protocol ResultFormatter {
  /// What comes before the first row.
  func header() -> [UInt8]
  func append(_ row: ResultRow, to bytes: inout [UInt8])
}

/// One JSON object a line: `{"record":1,"text":"…","label":"…","score":0.99}`.
struct JSONLinesFormatter: ResultFormatter {
  let layout: ResultLayout

  func header() -> [UInt8] { [] }

  func append(_ row: ResultRow, to bytes: inout [UInt8]) {
    var members: [JSONValue.Member] = []
    if layout.showsFile, let file = row.file { members.append(("file", .string(file))) }
    members.append(("record", .int(row.record)))
    if let id = row.id { members.append(("id", .string(id))) }
    members.append(("text", .string(row.text)))
    let label = row.scores.first.map { JSONValue.string($0.label) } ?? .null
    members.append(("label", label))
    members.append(("score", row.scores.first.map { .float($0.score) } ?? .null))
    if layout.listsScores {
      members.append(("scores", .array(row.scores.map(\.json))))
    }
    if layout.showsDecision {
      members.append(("decision", row.abstains ? .null : label))
    }
    if layout.showsAccepted { members.append(("accepted", .array(row.accepted.map(\.json)))) }
    if row.isTruncated { members.append(("truncated", .bool(true))) }
    if row.isEmpty { members.append(("empty", .bool(true))) }
    bytes += JSONValue.object(members).line
  }
}

/// Values between separators, with a header: further labels in `label_2,score_2,…`, accepted ones in
/// one field with semicolons between them, `truncated` and `empty` in words that pandas reads as
/// booleans. An empty text has no label and no score.
struct CSVFormatter: ResultFormatter {
  let layout: ResultLayout
  var separator = UInt8(ascii: ",")

  func header() -> [UInt8] {
    var names = layout.showsFile ? ["file"] : []
    names.append("record")
    if layout.showsID { names.append("id") }
    names += ["text", "label", "score"]
    for rank in 1..<max(layout.labelsPerRow, 1) {
      names += ["label_\(rank + 1)", "score_\(rank + 1)"]
    }
    if layout.showsDecision { names.append("decision") }
    if layout.showsAccepted { names.append("accepted") }
    names += ["truncated", "empty"]
    var bytes: [UInt8] = []
    CSVText.append(row: names, separator: separator, to: &bytes)
    return bytes
  }

  func append(_ row: ResultRow, to bytes: inout [UInt8]) {
    var fields = layout.showsFile ? [row.file ?? ""] : []
    fields.append(String(row.record))
    if layout.showsID { fields.append(row.id ?? "") }
    fields.append(row.text)
    for rank in 0..<layout.labelsPerRow {
      let scored = row.scores.indices.contains(rank) ? row.scores[rank] : nil
      fields += [scored?.label ?? "", scored.map { "\($0.score)" } ?? ""]
    }
    if layout.showsDecision {
      fields.append(row.abstains ? "" : row.scores.first?.label ?? "")
    }
    if layout.showsAccepted {
      fields.append(row.accepted.map(\.label).joined(separator: ";"))
    }
    fields += ["\(row.isTruncated)", "\(row.isEmpty)"]
    CSVText.append(row: fields, separator: separator, to: &bytes)
  }
}
