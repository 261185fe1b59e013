import Swiftlet
import SwiftletEncoder
import SwiftletWeights
import Synchronization
import Testing

@testable import class Swiftlet.EngineCall

@Suite(.timeLimit(.minutes(10)))
struct CancellationTests {
  /// A task's asynchronous call, over lists of any length where it takes one.
  struct Call: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let run: @Sendable (_ count: Int) async throws -> Int

    static let all: [Call] = [
      Call(testDescription: "Classifier") { count in
        let model = try Fixture.classifier("twelve-labels")
        return try await model.classify(Array(repeating: "good", count: count)).count
      },
      Call(testDescription: "Classifier, pairs") { count in
        let model = try Classifier(directory: HeadGolden.path("reranker"))
        let pair = TextPair("good", "bad")
        return try await model.classify(Array(repeating: pair, count: count)).count
      },
      Call(testDescription: "Classifier, windows") { count in
        let model = try Fixture.classifier("short-model-max-length")
        let long = Array(repeating: "good", count: 100).joined(separator: " ")
        let options = ClassificationOptions(longText: .window(stride: 2))
        return try await model.classify(Array(repeating: long, count: count), options: options)
          .count
      },
      Call(testDescription: "TokenClassifier") { count in
        let model = try TokenClassifier(directory: HeadGolden.path("tokens"))
        return try await model.classify(Array(repeating: "good", count: count)).count
      },
      Call(testDescription: "QuestionAnswerer") { count in
        let model = try QuestionAnswerer(directory: HeadGolden.path("questions"))
        let question = Question("who?", context: "the good cat")
        return try await model.answer(Array(repeating: question, count: count)).count
      },
      Call(testDescription: "Embedder") { count in
        let model = try Embedder(directory: HeadGolden.path("embed-mean"))
        return try await model.embed(Array(repeating: "good", count: count)).count
      },
      Call(testDescription: "FillMask") { count in
        let model = try FillMask(directory: HeadGolden.path("mask"))
        return try await model.fill(Array(repeating: "a [MASK]", count: count)).count
      },
      Call(testDescription: "ZeroShotClassifier") { count in
        let model = try ZeroShotClassifier(directory: HeadGolden.path("nli"))
        return try await model.classify(
          Array(repeating: "good", count: count), labels: ["a", "b"]
        ).count
      },
      Call(testDescription: "MultipleChoice") { count in
        let model = try MultipleChoice(directory: HeadGolden.path("choice"))
        return try await model.choose("good", among: Array(repeating: "bad", count: count))
          .scores.count
      },
    ]
  }

  @Test(arguments: Call.all)
  func `a cancelled call of any task throws SwiftletError.cancelled`(call: Call) async throws {
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await call.run(3)
    }
    task.cancel()
    await #expect(throws: SwiftletError.cancelled) { try await task.value }
    #expect(try await call.run(3) == 3)
  }

  /// 200,000 texts take hours, and the suite has a time limit, so passing shows that the batch stopped.
  @Test(arguments: [LongText.truncate, .window(stride: 8)])
  func `a cancelled batch stops without changing other answers`(longText: LongText) async throws {
    let classifier = try Classifier.sentiment(options: ModelOptions(gemm: .native))
    let alone = try await classifier.classify("A film of rare warmth.")
    let long = Array(repeating: "a film of rare warmth", count: 60).joined(separator: " ")
    let options = ClassificationOptions(longText: longText)
    let task = Task {
      try await classifier.classify(Array(repeating: long, count: 200_000), options: options)
    }
    let other = Task { try await classifier.classify("A film of rare warmth.") }
    try await Task.sleep(for: .milliseconds(500))
    task.cancel()
    await #expect(throws: SwiftletError.cancelled) { try await task.value }
    #expect(try await other.value == alone)
    #expect(try await classifier.classify("A film of rare warmth.") == alone)
  }

  @Test func `a cancelled stream ends with an error`() async throws {
    let classifier = try Fixture.classifier("twelve-labels")
    let (texts, input) = AsyncStream.makeStream(of: String.self)
    for _ in 0..<1000 { input.yield("good") }
    let count = Mutex(0)
    let task = Task {
      for try await _ in classifier.classify(texts, batchSize: 4)
      where count.withLock({
        $0 += 1; return $0
      }) == 10 {
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    await #expect(throws: SwiftletError.cancelled) { try await task.value }
    #expect(count.withLock { $0 } == 10)
  }

  @Test func `a synchronous call in a cancelled task answers`() async throws {
    let classifier = try Fixture.classifier("twelve-labels")
    let expected = try await classifier.classify("good")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try classifier.synchronously { try $0.classify("good") }
    }
    #expect(try await task.value == expected)
  }

  @Test func `cancelled work that waits for a thread never runs`() async throws {
    let call = EngineCall<Int>()
    let result = await withCheckedContinuation { continuation in
      #expect(call.wait(continuation))
      call.cancel()
    }
    #expect(result == .failure(.cancelled))
    call.run { () throws(SwiftletError) in
      Issue.record("dropped work ran")
      return 1
    }
  }

  @Test func `cancelled work that has begun decides its result`() async throws {
    let call = EngineCall<Int>()
    let result = await withCheckedContinuation { continuation in
      #expect(call.wait(continuation))
      call.run { () throws(SwiftletError) in
        call.cancel()
        #expect(call.cancellation.isCancelled)
        return 1
      }
    }
    #expect(result == .success(1))
  }

  @Test func `a call cancelled before it waits returns at once`() async throws {
    let call = EngineCall<Int>()
    call.cancel()
    let result = await withCheckedContinuation { continuation in
      #expect(!call.wait(continuation))
    }
    #expect(result == .failure(.cancelled))
  }
}
