import Swiftlet

/// Takes chunk after chunk through the model, until the input ends or a signal comes.
final class ChunkRunner<Answer> {
  private let answer: ([SourcedText]) throws(SwiftletError) -> [Answer]
  private let isTruncated: (Answer) -> Bool
  private let progress: Progress
  private var limit: ChunkLimit
  private var textCount = 0
  private var truncatedCount = 0
  /// Seconds that went into answers.
  private(set) var computedSeconds = 0.0

  /// `answer` gives an answer to each text of a chunk; an error that is about one of them names its
  /// index.
  init(
    limit: ChunkLimit, progress: Progress, isTruncated: @escaping (Answer) -> Bool,
    answer: @escaping ([SourcedText]) throws(SwiftletError) -> [Answer]
  ) {
    self.limit = limit
    self.answer = answer
    self.isTruncated = isTruncated
    self.progress = progress
  }

  /// Calls `body` with each chunk and its answers, in order.
  ///
  /// Where a text fails, the answers to the texts before it are handed over first, and then the
  /// error is thrown.
  ///
  /// - Throws: what the input, the model or `body` throws, or that a signal asked to stop.
  func run(
    _ chunks: any TextChunks, body: ([SourcedText], [Answer]) throws -> Void
  ) throws {
    defer { progress.clear() }
    while SignalWatch.pending == nil {
      let chunk = try chunks.next(limit)
      guard !chunk.isEmpty else { break }
      let start = ContinuousClock.now
      let (answers, failure) = try answers(to: chunk)
      let duration = ContinuousClock.now - start
      computedSeconds += duration / .seconds(1)
      limit.adapt(to: duration)
      truncatedCount += answers.count(where: isTruncated)
      textCount += answers.count
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

  /// The answers to a chunk, or to as much of it as precedes the first text that fails.
  private func answers(
    to chunk: [SourcedText]
  ) throws -> (answers: [Answer], failure: CommandFailure?) {
    do throws(SwiftletError) {
      return (try answer(chunk), nil)
    } catch {
      guard case .text(let problem, let index) = error, chunk.indices.contains(index) else {
        throw error
      }
      let before = index > 0 ? try answer(Array(chunk.prefix(index))) : []
      return (before, CommandFailure("\(chunk[index].place): the text \(problem)", .badData))
    }
  }

  /// Says once, at the end, how many texts were cut.
  func warnOfTruncation(of cut: String = "text", maximumLength: Int, hint: String?) {
    guard truncatedCount > 0 else { return }
    let texts =
      truncatedCount == 1 ? "1 \(cut) was" : "\(NumberText.grouped(truncatedCount)) \(cut)s were"
    printMessage(
      "swiftlet: warning: \(texts) longer than \(maximumLength) tokens and cut"
        + (hint.map { "; \($0)" } ?? ""))
  }
}
