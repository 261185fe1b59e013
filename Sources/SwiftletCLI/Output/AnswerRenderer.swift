import SwiftletJSON

/// One text of the input with its answer, which is nil for an empty text.
struct AnsweredText<Answer: TaskAnswer>: Sendable {
  let text: SourcedText
  let answer: Answer?
}

/// Writes the answers of one run in one format.
protocol AnswerRenderer<Answer> {
  associatedtype Answer: TaskAnswer

  /// Returns what precedes the first row, and settles what depends on the first rows.
  ///
  /// Called once: with the rows of the first chunk, or without rows if the input has no text.
  mutating func begin(with rows: [AnsweredText<Answer>]) -> [UInt8]

  /// Returns the bytes of one row, with its line breaks.
  mutating func bytes(of row: AnsweredText<Answer>) -> [UInt8]

  /// Continues after `rows` rows that an interrupted run has written.
  mutating func skip(_ rows: Int)

  /// Returns what replaces the same number of bytes at the start of the output, if anything does.
  func finish() -> [UInt8]?

  /// What the output lacks, for the user to know after the last row.
  var note: String? { get }
}

extension AnswerRenderer {
  mutating func begin(with rows: [AnsweredText<Answer>]) -> [UInt8] { [] }

  mutating func skip(_ rows: Int) {}

  func finish() -> [UInt8]? { nil }

  var note: String? { nil }
}

/// JSON Lines: `{"record":1,"text":"…","label":"…","score":0.99}`.
struct JSONLinesRenderer<Answer: TaskAnswer>: AnswerRenderer {
  let source: SourceColumns
  /// The members that follow the text; an empty text, whose answer is nil, has the same keys.
  let members: (Answer?) -> [JSONValue.Member]

  func bytes(of row: AnsweredText<Answer>) -> [UInt8] {
    var all = source.members(of: row.text) + members(row.answer)
    if row.answer?.isTruncated == true { all.append(("truncated", .bool(true))) }
    if let problem = row.text.problem {
      all.append(("error", .string(problem)))
    } else if row.answer == nil {
      all.append(("empty", .bool(true)))
    }
    return JSONValue.object(all).line
  }
}

/// Lines for people.
struct LinesRenderer<Answer: TaskAnswer>: AnswerRenderer {
  let lines: (SourcedText, Answer) -> [String]

  func bytes(of row: AnsweredText<Answer>) -> [UInt8] {
    let shown =
      row.answer.map { lines(row.text, $0) } ?? [
        "(\(row.text.problem.map { DisplayText.oneLine($0) } ?? "empty"))"
      ]
    return shown.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
  }
}
