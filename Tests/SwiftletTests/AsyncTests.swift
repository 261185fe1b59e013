import Dispatch
import Swiftlet
import SwiftletEncoder
import SwiftletRuntime
import Testing

@testable import struct Swiftlet.TextModel

@Suite(.timeLimit(.minutes(10)))
struct AsyncTests {
  @Test func `async calls answer as synchronous ones`() async throws {
    let classifier = try Fixture.classifier("twelve-labels")
    let options = ClassificationOptions(topK: 3, function: .sigmoid)
    let expected = try classifier.synchronously {
      try $0.classify(Texts.mixed, options: options)
    }
    #expect(try await classifier.classify(Texts.mixed, options: options) == expected)
    #expect(try await classifier.classify(Texts.mixed[2], options: options) == expected[2])
    #expect(try await classifier.classify([String]()).isEmpty)
  }

  @Test func `async calls throw as synchronous ones`() async throws {
    let classifier = try Fixture.classifier("short-model-max-length")
    let long = Array(repeating: "good", count: 30).joined(separator: " ")
    let strict = ClassificationOptions(longText: .error)
    let problem = TextProblem.tooLong(tokenCount: 32, maxLength: 20)
    await #expect(throws: SwiftletError.text(problem, index: 1)) {
      _ = try await classifier.classify(["", long], options: strict)
    }
    await #expect(throws: SwiftletError.text(problem, index: 0)) {
      _ = try await classifier.classify(long, options: strict)
    }
  }

  /// A plain task releases the engine's only thread. If the calls blocked the threads of the cooperative
  /// pool, the pool would have no thread for that task, as there are more calls than processors.
  @Test func `calls that wait for the engine leave the cooperative pool free`() async throws {
    let classifier = try Fixture.classifier("plain", threads: 1)
    let expected = try await classifier.classify("good")
    let held = DispatchSemaphore(value: 0)
    classifier.model.engine.pool.submit { held.wait() }
    let calls = try (0..<4 * ProcessorCount.available() + 4).map { _ in
      Task { try await classifier.classify("good") }
    }
    for _ in 0..<1000 { await Task.yield() }
    let release = Task {
      for _ in 0..<1000 { await Task.yield() }
      held.signal()
    }
    await release.value
    for call in calls { #expect(try await call.value == expected) }
  }
}
