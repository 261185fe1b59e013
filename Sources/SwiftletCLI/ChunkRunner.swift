import Swiftlet

/// Runs the model chunk by chunk, until the input ends or a signal arrives.
///
/// Empty texts skip the model and get no answer, because its scores for an empty text would look
/// like an answer. They keep their place and are counted. Texts with a problem get no answer either.
final class ChunkRunner<Answer: TaskAnswer> {
  private let answer: ([SourcedText]) throws(SwiftletError) -> [Answer]
  private let progress: Progress
  private let problems: RowProblems
  private var limit: ChunkLimit
  /// The texts that have been passed to `body`.
  private(set) var textCount = 0
  private var truncatedCount = 0
  private(set) var emptyCount = 0
  /// The place of the first empty text.
  private var firstEmpty = ""

  /// `answer` returns an answer to each text of a chunk, none of which is empty; an error about one
  /// text names its index.
  ///
  /// `problems` says what happens to a text that fails, and counts such texts.
  init(
    limit: ChunkLimit, progress: Progress, problems: RowProblems = RowProblems(),
    answer: @escaping ([SourcedText]) throws(SwiftletError) -> [Answer]
  ) {
    self.limit = limit
    self.answer = answer
    self.progress = progress
    self.problems = problems
  }

  /// Calls `body` with each chunk and its answers, in order; the answer to an empty text, or to one
  /// with a problem, is nil.
  ///
  /// If a text fails and the run is to stop, `body` gets the answers to the texts before it; then the
  /// error is thrown.
  ///
  /// - Throws: the errors of the input, of the model and of `body`, or `CommandFailure` after a
  ///   signal.
  func run(
    _ chunks: any TextChunks, body: ([SourcedText], [Answer?]) throws -> Void
  ) throws {
    defer { progress.clear() }
    while SignalWatch.pending == nil {
      var chunk = try chunks.next(limit, clearing: progress)
      guard !chunk.isEmpty else { break }
      let start = ContinuousClock.now
      let (answers, failure) = try answers(to: &chunk)
      limit.adapt(to: ContinuousClock.now - start)
      count(answers, of: chunk)
      try body(chunk, answers)
      if let failure { throw failure }
      progress.update(texts: textCount, bytes: chunk.last?.bytesThrough ?? 0)
    }
    guard SignalWatch.pending == nil else {
      progress.clear()
      throw CommandFailure(
        "interrupted after \(NumberText.grouped(textCount)) \(textCount == 1 ? "text" : "texts")",
        SignalWatch.status)
    }
    progress.finish()
  }

  private func count(_ answers: [Answer?], of chunk: [SourcedText]) {
    textCount += answers.count
    for (text, answer) in zip(chunk, answers) {
      if let answer {
        if answer.isTruncated { truncatedCount += 1 }
      } else if text.problem != nil {
        problems.add(text)
      } else {
        if emptyCount == 0 { firstEmpty = text.place }
        emptyCount += 1
      }
    }
  }

  /// The answers to a chunk, or to its texts before the first one that fails and stops the run. A text
  /// that fails otherwise gets a problem.
  ///
  /// After a failure fewer texts are tried together: a chunk in which all fail costs a call for each,
  /// not a call of all the others.
  private func answers(
    to chunk: inout [SourcedText]
  ) throws -> (answers: [Answer?], failure: CommandFailure?) {
    var answers = [Answer?](repeating: nil, count: chunk.count)
    var rest = chunk.indices.filter { chunk[$0].problem == nil && !chunk[$0].isEmpty }[...]
    var count = rest.count
    while !rest.isEmpty {
      let asked = rest.prefix(count)
      let (some, problem) = try self.answers(to: asked.map { chunk[$0] })
      for (index, answer) in zip(asked, some) { answers[index] = answer }
      rest = rest.dropFirst(some.count)
      count = problem == nil ? count * 2 : max(1, count / 2)
      guard let problem, let failed = rest.popFirst() else { continue }
      guard problems.policy != .stop else {
        return (
          Array(answers[..<failed]), CommandFailure("\(chunk[failed].place): \(problem)", .badData)
        )
      }
      chunk[failed].problem = problem
    }
    return (answers, nil)
  }

  /// The answers to texts, or to those before the first one that fails, and its problem.
  private func answers(to texts: [SourcedText]) throws -> (answers: [Answer], problem: String?) {
    do throws(SwiftletError) {
      return (try answer(texts), nil)
    } catch {
      guard case .text(let problem, let index) = error, texts.indices.contains(index) else {
        throw error
      }
      return (index > 0 ? try answer(Array(texts.prefix(index))) : [], "the text \(problem)")
    }
  }

  /// Warns how many texts were cut and how many were empty.
  ///
  /// - Parameters:
  ///   - cut: what was cut, as a noun
  ///   - maxLength: its maximum number of tokens
  ///   - hint: the option that avoids the cut
  ///   - fate: what happened to empty texts
  func warn(
    of cut: String = "text", maxLength: Int, hint: String?,
    fate: String = "left without an answer"
  ) {
    if truncatedCount > 0 {
      printMessage(
        "swiftlet: warning: \(Self.count(truncatedCount, cut)) longer than \(maxLength) tokens"
          + " and cut" + (hint.map { "; \($0)" } ?? ""))
    }
    if emptyCount > 0 {
      let first = emptyCount == 1 ? firstEmpty : "the first is \(firstEmpty)"
      printMessage(
        "swiftlet: warning: \(Self.count(emptyCount, "text")) empty and \(fate) (\(first))")
    }
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun) was" : "\(NumberText.grouped(count)) \(noun)s were"
  }
}
