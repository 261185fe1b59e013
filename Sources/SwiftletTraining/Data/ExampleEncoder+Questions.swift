import SwiftletEncoder
import SwiftletTokenizer

extension ExampleEncoder {
  /// Each window of a context is an example, as in transformers' run_qa.py.
  mutating func append(
    _ question: String, _ context: String, _ answers: [AnswerExample], _ line: Int
  ) throws(TrainingError) {
    let answer = try answers.first.map { (answer) throws(TrainingError) in
      try bytes(of: answer, in: context, line)
    }
    let windows = try windows(question, context, line)
    var sequences: [(TokenSequence, (start: Int, end: Int))] = []
    var count = 0
    for window in windows {
      count = window.tokenCountBeforeTruncation
      let span = AnswerWindow(window, cls: encoding.tokenizer.clsID).span(of: answer)
      sequences.append((try sequence(of: window, line), span))
    }
    tokens.add(count, kept: count)
    let hash = TextHash(of: [question, context])
    let group = TextHash(of: [context])
    rows.questions.append(
      question, context: context, hash: group, answers: answers.map(\.text))
    for (sequence, span) in sequences {
      rows.append(sequence)
      rows.questionNumbers.append(UInt32(rows.questions.count - 1))
      rows.classes.append(Int32(span.start))
      rows.classEnds.append(UInt32(span.end))
      rows.finishExample(line: line, hash: hash, group: group, isGroup: false)
    }
  }

  private func windows(
    _ question: String, _ context: String, _ line: Int
  ) throws(TrainingError) -> EncodingWindows {
    do throws(TokenizerError) {
      return try encoding.windows(question, context)
    } catch {
      throw .invalidRow(
        file: rows.file, line: line,
        reason: "the question leaves no room for the context in a window of"
          + " \(encoding.maxLength) tokens with a stride of \(encoding.stride)")
    }
  }

  /// Returns the place of an answer in UTF-8 bytes of its context.
  private func bytes(
    of answer: AnswerExample, in context: String, _ line: Int
  ) throws(TrainingError) -> Range<Int> {
    let scalars = context.unicodeScalars
    let start = scalars.index(
      scalars.startIndex, offsetBy: max(answer.start, 0), limitedBy: scalars.endIndex)
    let rest = start.map { scalars[$0...] }
    guard let start, let rest, answer.start >= 0, !answer.text.isEmpty,
      rest.starts(with: answer.text.unicodeScalars)
    else {
      let found = rest.map { String($0.prefix(answer.text.unicodeScalars.count)) } ?? ""
      throw .invalidValue(
        file: rows.file, line: line, column: "\"answers\"",
        expected: "\(TrainingError.quote(answer.text)) at the character \(answer.start) of the"
          + " context", found: TrainingError.quote(found))
    }
    let offset = context.utf8.distance(from: context.utf8.startIndex, to: start)
    return offset..<offset + answer.text.utf8.count
  }
}
