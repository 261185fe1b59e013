import Swiftlet

/// Classifications as rows of values between separators, under a header.
///
/// Further labels are in `label_2,score_2,…`, accepted ones in one field with semicolons between them;
/// `truncated` and `empty` are words that pandas reads as booleans. An empty text has no label and no
/// score.
struct CSVRenderer: AnswerRenderer {
  var layout: ClassificationLayout
  var separator = UInt8(ascii: ",")

  mutating func begin(with rows: [AnsweredText<Classification>]) -> [UInt8] {
    layout.settle(by: rows)
    var names = layout.showsFile ? ["file"] : []
    names.append("record")
    if layout.showsID { names.append("id") }
    names += ["text", "label", "score"]
    for rank in 1..<max(layout.labelsPerRow, 1) {
      names += ["label_\(rank + 1)", "score_\(rank + 1)"]
    }
    if layout.showsDecision { names.append("decision") }
    if layout.showsAccepted { names.append("accepted") }
    return line(names + ["truncated", "empty"])
  }

  func bytes(of row: AnsweredText<Classification>) -> [UInt8] {
    let answer = row.answer
    let scores = answer?.scores ?? []
    var fields = layout.showsFile ? [row.text.file ?? ""] : []
    fields.append(String(row.text.record))
    if layout.showsID { fields.append(row.text.id ?? "") }
    fields.append(row.text.text)
    for rank in 0..<layout.labelsPerRow {
      fields += scores.count > rank ? [scores[rank].label, "\(scores[rank].score)"] : ["", ""]
    }
    if layout.showsDecision { fields.append(answer?.decision?.label ?? "") }
    if layout.showsAccepted {
      fields.append((answer?.accepted ?? []).map(\.label).joined(separator: ";"))
    }
    return line(fields + ["\(answer?.isTruncated ?? false)", "\(answer == nil)"])
  }

  private func line(_ fields: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    CSVText.append(row: fields, separator: separator, to: &bytes)
    return bytes
  }
}
