import SwiftletJSON

extension TaskRun {
  /// Chooses how the answers are written: in a table, as JSON Lines, or as `people` reads them.
  ///
  /// - Parameters:
  ///   - columns: The answer's columns in a table.
  ///   - members: The answer's members of a JSON object; an empty text, whose answer is nil, has the
  ///     same keys.
  ///   - showsPair: Whether the second text of each row is written.
  ///   - people: Writes the format for people.
  /// - Returns: The renderer for the format of the run.
  func renderer<Answer: TaskAnswer>(
    columns: AnswerColumns<Answer>, members: @escaping (Answer?) -> [JSONValue.Member],
    showsPair: Bool = false, people: @autoclosure () -> any AnswerRenderer<Answer>
  ) -> any AnswerRenderer<Answer> {
    guard format.hasColumns else { return people() }
    let source = SourceColumns(
      showsFile: inputs.count > 1, showsID: showsID, showsPair: showsPair)
    guard format != .jsonl else { return JSONLinesRenderer(source: source, members: members) }
    return CSVRenderer(source: source, columns: columns, separator: format.separator)
  }

  /// Chooses how the answers are written; `lines` returns those that people read.
  func renderer<Answer: TaskAnswer>(
    columns: AnswerColumns<Answer>, showsPair: Bool = false,
    members: @escaping (Answer?) -> [JSONValue.Member],
    lines: @escaping (SourcedText, Answer) -> [String]
  ) -> any AnswerRenderer<Answer> {
    renderer(
      columns: columns, members: members, showsPair: showsPair, people: LinesRenderer(lines: lines))
  }
}
