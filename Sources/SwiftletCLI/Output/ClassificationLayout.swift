import Swiftlet
import SwiftletJSON

/// What `classify` writes about each text.
struct ClassificationLayout {
  /// The model's labels, in index order.
  let labels: [String]
  /// How many labels a row lists; 1 for the best one only.
  var labelsPerRow = 1
  /// Whether `--top-k` or `--all-scores` asked for a list, of any number of labels.
  var listsScores = false
  /// Whether `--minimum-score` asked for a decision.
  var showsDecision = false
  /// Whether `--threshold` or `--label-threshold` asked for the accepted labels.
  var showsAccepted = false
  var showsFile = false
  /// Whether there is a column of ids.
  var showsID = false
  /// Whether scores are between 0 and 1.
  var scoresAreProbabilities = true
  /// The number of records, where it is known.
  var recordCount: Int?

  /// Adds a column of ids if the first rows have some, and looks at their scores.
  mutating func settle(by rows: [AnsweredText<Classification>]) {
    showsID = showsID || rows.contains { $0.text.id != nil }
    scoresAreProbabilities =
      scoresAreProbabilities
      && rows.allSatisfy { row in row.answer.map { (0...1).contains($0.score) } ?? true }
  }

  /// The columns of a table: further labels in `label_2,score_2,…`, accepted ones in one field with
  /// semicolons between them.
  var columns: AnswerColumns<Classification> {
    let ranked = AnswerColumns<Classification>.ranked(["label", "score"], count: labelsPerRow) {
      $0.scores.map { [$0.label, "\($0.score)"] }
    }
    let further = (showsDecision ? ["decision"] : []) + (showsAccepted ? ["accepted"] : [])
    return AnswerColumns(names: ranked.names + further) { [showsDecision, showsAccepted] answer in
      ranked.rows(answer).map { row in
        row + (showsDecision ? [answer.decision?.label ?? ""] : [])
          + (showsAccepted ? [answer.accepted.map(\.label).joined(separator: ";")] : [])
      }
    }
  }

  /// The members of a JSON object; an empty text's answer is nil.
  func members(of answer: Classification?) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = [
      ("label", answer.map { .string($0.label) } ?? .null),
      ("score", answer.map { .float($0.score) } ?? .null),
    ]
    if listsScores { members.append(("scores", .array((answer?.scores ?? []).map(\.json)))) }
    if showsDecision {
      members.append(("decision", answer?.decision.map { .string($0.label) } ?? .null))
    }
    if showsAccepted { members.append(("accepted", .array((answer?.accepted ?? []).map(\.json)))) }
    return members
  }
}
