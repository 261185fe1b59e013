/// How the answers of a task are written in a table.
struct AnswerColumns<Answer>: Sendable {
  /// The names of the columns.
  let names: [String]
  /// Returns the fields of an answer: one row, or a row for each entity, span or token; no rows for
  /// an answer that found nothing.
  let rows: @Sendable (Answer) -> [[String]]

  /// Columns for lists of `count` values at most, the best first: `label,score,label_2,score_2`.
  ///
  /// - Parameters:
  ///   - names: The columns of one value.
  ///   - count: The number of values that have columns, at least 1.
  ///   - fields: Returns the fields of each value.
  /// - Returns: Columns with one row for each text.
  static func ranked(
    _ names: [String], count: Int, _ fields: @escaping @Sendable (Answer) -> [[String]]
  ) -> AnswerColumns {
    let further = (1..<max(count, 1)).flatMap { rank in names.map { "\($0)_\(rank + 1)" } }
    let all = names + further
    return AnswerColumns(names: all) { answer in
      let row = fields(answer).prefix(max(count, 1)).flatMap(\.self)
      return [row + Array(repeating: "", count: all.count - row.count)]
    }
  }

  /// The fields of a text without an answer.
  var blank: [String] { Array(repeating: "", count: names.count) }
}
