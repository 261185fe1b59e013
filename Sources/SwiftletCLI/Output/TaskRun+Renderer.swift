import SwiftletJSON
import SwiftletRecords
import SwiftletSystem

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
  /// - Throws: The error of a file that cannot be read.
  func renderer<Answer: TaskAnswer>(
    columns: AnswerColumns<Answer>, members: @escaping (Answer?) -> [JSONValue.Member],
    showsPair: Bool = false, people: @autoclosure () -> any AnswerRenderer<Answer>
  ) throws(RecordError) -> any AnswerRenderer<Answer> {
    guard format.hasColumns else { return people() }
    let source = SourceColumns(
      showsFile: inputs.count > 1, showsID: showsID, showsPair: showsPair,
      copied: try copiedColumns(beside: columns.names + members(nil).map(\.key)))
    guard format != .jsonl else { return JSONLinesRenderer(source: source, members: members) }
    return CSVRenderer(
      source: source, columns: columns, separator: format.separator, showsErrors: showsErrors)
  }

  /// Chooses how the answers are written; `lines` returns those that people read.
  func renderer<Answer: TaskAnswer>(
    columns: AnswerColumns<Answer>, showsPair: Bool = false,
    members: @escaping (Answer?) -> [JSONValue.Member],
    lines: @escaping (SourcedText, Answer) -> [String]
  ) throws(RecordError) -> any AnswerRenderer<Answer> {
    try renderer(
      columns: columns, members: members, showsPair: showsPair, people: LinesRenderer(lines: lines))
  }

  /// The copied columns, for which a table reads the headers of all files.
  func copiedColumns(beside fieldNames: [String]) throws(RecordError) -> CopiedColumns {
    guard kept == .all, format != .jsonl else { return CopiedColumns(kept, fieldNames: fieldNames) }
    let files = inputs.filter { !$0.isStandardInput && $0.identity?.isRegularFile == true }
    var sources: [String] = []
    for file in files { sources += try file.copiedNames() }
    return CopiedColumns(
      kept, fieldNames: fieldNames, sources: sources, isComplete: files.count == inputs.count)
  }
}

extension TextInput {
  /// Returns the names of all columns to copy.
  fileprivate func copiedNames() throws(RecordError) -> [String] {
    let reader = try open()
    return zip(reader.keptNames, reader.keptRoles).filter { !CopiedColumns.isWritten($0.1) }.map(
      \.0)
  }
}
