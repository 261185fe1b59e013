import Swiftlet
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct StreamTests {
  @Test(arguments: [1, 3, 64, 1000, 0, -5])
  func `a stream is answered in order`(batchSize: Int) async throws {
    let classifier = try Fixture.classifier("twelve-labels")
    let texts = Texts.many(200)
    let expected = try await classifier.classify(texts)
    var answers: [Classification] = []
    for try await answer in classifier.classify(Source(texts), batchSize: batchSize) {
      answers.append(answer)
    }
    #expect(answers == expected)
  }

  @Test func `a stream may be empty, and may be iterated twice`() async throws {
    let classifier = try Fixture.classifier("one-label")
    for try await _ in classifier.classify(Source([])) { Issue.record("an answer to nothing") }
    let answers = classifier.classify(Source(["good", "bad"]))
    for _ in 0..<2 {
      var count = 0
      for try await _ in answers { count += 1 }
      #expect(count == 2)
    }
  }

  @Test func `options apply to a stream`() async throws {
    let classifier = try Fixture.classifier("twelve-labels")
    let options = ClassificationOptions(topK: 2, function: ScoreFunction.none)
    for try await answer in classifier.classify(Source(["good"]), options: options) {
      #expect(answer.scores.count == 2)
      #expect(answer.score == answer.logits.max())
    }
  }

  @Test func `breaking out of a stream stops reading the source`() async throws {
    let classifier = try Fixture.classifier("one-label")
    let source = Source.endless
    var count = 0
    for try await _ in classifier.classify(source, batchSize: 8) {
      count += 1
      if count == 20 { break }
    }
    await source.log.waitForEnd()
    // The batch that was answered, one in the buffer, and the text that found it full.
    #expect(source.log.readCount <= 20 + 2 * 8 + 1)
  }

  @Test func `the source is read at most a batch ahead`() async throws {
    let classifier = try Fixture.classifier("one-label")
    let source = Source.endless
    var iterator = classifier.classify(source, batchSize: 8).makeAsyncIterator()
    for count in 1...40 {
      _ = try await iterator.next()
      for _ in 0..<100 { await Task.yield() }
      #expect(source.log.readCount <= count + 2 * 8 + 1)
    }
  }

  @Test(arguments: [0, 1, 63, 64, 130])
  func `an error of the source comes after the answers before it`(count: Int) async throws {
    let classifier = try Fixture.classifier("one-label")
    let texts = Texts.many(count)
    let expected = try await classifier.classify(texts)
    var answers: [Classification] = []
    await #expect(throws: Source.Interrupted.self) {
      for try await answer in classifier.classify(Source(texts, fails: true)) {
        answers.append(answer)
      }
    }
    #expect(answers == expected)
  }

  @Test(arguments: [
    (LongText.error, SwiftletError.text(.tooLong(tokenCount: 32, maxLength: 20), index: 130)),
    (.window(stride: 18), .text(.noRoomForWindows(maxLength: 20, stride: 18), index: 130)),
  ])
  func `the place of a text that is too long counts from the stream's start`(
    longText: LongText, error: SwiftletError
  ) async throws {
    let classifier = try Fixture.classifier("short-model-max-length")
    var texts = Array(repeating: "good", count: 150)
    texts[130] = Array(repeating: "good", count: 30).joined(separator: " ")
    let strict = ClassificationOptions(longText: longText)
    for batchSize in [1, 7, 64, 200] {
      var answers = 0
      await #expect(throws: error) {
        for try await _ in classifier.classify(
          Source(texts), options: strict, batchSize: batchSize)
        {
          answers += 1
        }
      }
      #expect(answers == 130, "the texts before it have answers")
    }
  }

  @Test func `a stream ends with its error`() async throws {
    let classifier = try Fixture.classifier("short-model-max-length")
    var texts = Array(repeating: "good", count: 100)
    texts[3] = Array(repeating: "good", count: 30).joined(separator: " ")
    let answers = classifier.classify(
      Source(texts), options: ClassificationOptions(longText: .error), batchSize: 2)
    for _ in 0..<20 {
      var iterator = answers.makeAsyncIterator()
      for _ in 0..<3 { #expect(try await iterator.next() != nil) }
      await #expect(throws: SwiftletError.self) { _ = try await iterator.next() }
      for _ in 0..<3 { #expect(try await iterator.next() == nil) }
    }
  }

  @Test func `a slow source is answered text by text`() async throws {
    let classifier = try Fixture.classifier("one-label")
    let (texts, input) = AsyncStream.makeStream(of: String.self)
    var iterator = classifier.classify(texts).makeAsyncIterator()
    for text in Texts.mixed {
      input.yield(text)
      let answer = try await iterator.next()
      let expected = try await classifier.classify(text)
      #expect(answer == expected)
    }
    input.finish()
    #expect(try await iterator.next() == nil)
    #expect(try await iterator.next() == nil)
  }

  @Test func `cancellation ends a stream whose source is silent`() async throws {
    let classifier = try Fixture.classifier("one-label")
    let (texts, input) = AsyncStream.makeStream(of: String.self)
    let first = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      for try await _ in classifier.classify(texts) { first.continuation.yield() }
    }
    input.yield("good")
    for await _ in first.stream { break }
    task.cancel()
    await #expect(throws: SwiftletError.cancelled) { try await task.value }
    withExtendedLifetime(input) {}
  }

  @Test func `cancellation ends a stream whose source never ends`() async throws {
    let classifier = try Fixture.classifier("one-label")
    let source = Source.endless
    let task = Task { for try await _ in classifier.classify(source) {} }
    await source.log.wait { $0.readCount > 100 }
    task.cancel()
    await #expect(throws: SwiftletError.cancelled) { try await task.value }
    await source.log.waitForEnd()
  }
}

/// Texts that note how far they were read.
private struct Source: AsyncSequence, Sendable {
  typealias Element = String

  struct Interrupted: Error {}

  let texts: [String]
  let fails: Bool
  let isEndless: Bool
  let log = Log()

  init(_ texts: [String], fails: Bool = false) {
    self.init(texts: texts, fails: fails, isEndless: false)
  }

  static var endless: Source { Source(texts: ["good"], fails: false, isEndless: true) }

  private init(texts: [String], fails: Bool, isEndless: Bool) {
    self.texts = texts
    self.fails = fails
    self.isEndless = isEndless
  }

  func makeAsyncIterator() -> Iterator { Iterator(source: self, end: End(log: log)) }

  struct Iterator: AsyncIteratorProtocol {
    let source: Source
    let end: End
    var index = 0

    mutating func next() async throws -> String? {
      defer { index += 1 }
      source.log.noteReading()
      if source.isEndless { return source.texts[0] }
      if index < source.texts.count { return source.texts[index] }
      if source.fails { throw Interrupted() }
      return nil
    }
  }

  /// Notes that the iterator has gone.
  final class End: Sendable {
    private let log: Log

    init(log: Log) { self.log = log }

    deinit { log.noteEnd() }
  }

  final class Log: Sendable {
    private let reads = Atomic(0)
    private let ended = Atomic(false)

    var readCount: Int { reads.load(ordering: .sequentiallyConsistent) }
    var hasEnded: Bool { ended.load(ordering: .sequentiallyConsistent) }

    func noteReading() { reads.add(1, ordering: .sequentiallyConsistent) }
    func noteEnd() { ended.store(true, ordering: .sequentiallyConsistent) }

    /// The suite's time limit ends a wait that is in vain.
    func wait(until condition: (Log) -> Bool) async {
      while !condition(self) { await Task.yield() }
    }

    func waitForEnd() async { await wait { $0.hasEnded } }
  }
}
