/// Answers as rows of values between separators, under a header.
///
/// A text whose answer has several rows repeats its own columns in each of them. A text that found
/// nothing has one row with empty fields, as `DataFrame.explode` of pandas writes an empty list.
/// `truncated` and `empty` are words that pandas reads as booleans.
struct CSVRenderer<Answer: TaskAnswer>: AnswerRenderer {
  var source: SourceColumns
  let columns: AnswerColumns<Answer>
  var separator = UInt8(ascii: ",")
  /// Whether there is a column `empty`, for a task that leaves empty texts without an answer.
  var marksEmpty = true
  /// Whether there is a column `error`, because rows with errors are written.
  var showsErrors = false

  mutating func begin(with rows: [AnsweredText<Answer>]) -> [UInt8] {
    source.settle(by: rows.map(\.text))
    let marks = ["truncated"] + (marksEmpty ? ["empty"] : []) + (showsErrors ? ["error"] : [])
    return lines(source.names, [columns.names], marks)
  }

  mutating func bytes(of row: AnsweredText<Answer>) -> [UInt8] {
    let rows = row.answer.map(columns.rows) ?? []
    var marks = ["\(row.answer?.isTruncated ?? false)"]
    let problem = row.text.problem
    if marksEmpty { marks.append("\(row.answer == nil && problem == nil)") }
    if showsErrors { marks.append(problem ?? "") }
    return lines(source.fields(of: row.text), rows.isEmpty ? [columns.blank] : rows, marks)
  }

  var note: String? { source.copied.note }

  private func lines(_ start: [String], _ rows: [[String]], _ marks: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in rows {
      CSVText.append(row: start + row + marks, separator: separator, to: &bytes)
    }
    return bytes
  }
}
