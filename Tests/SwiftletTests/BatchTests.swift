import Glibc
import Swiftlet
import SwiftletRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct BatchTests {
  private static let fixtures = ["plain", "head-size-ten", "wide", "twelve-labels", "one-label"]
  private static let hasBLAS = (try? BLAS.shared.get()) != nil

  @Test(arguments: fixtures, [1, 2, 7])
  func `many texts have the bits of one by one, on any number of threads and in any order`(
    fixture: String, threads: Int
  ) throws {
    let single = try Fixture.classifier(fixture, threads: 1)
    let texts = Texts.many(45)
    let expected = try texts.map { try single.classify($0) }
    let classifier = try Fixture.classifier(fixture, threads: threads)
    #expect(try classifier.classify(texts) == expected)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<5 {
      let order = texts.indices.shuffled(using: &random)
      let answers = try classifier.classify(order.map { texts[$0] })
      for (answer, index) in zip(answers, order) {
        #expect(answer.logitBits == expected[index].logitBits, "text \(index) of order \(order)")
      }
    }
  }

  /// Skipped where no BLAS library is installed.
  @Test(.enabled(if: hasBLAS), arguments: fixtures)
  func `with CBLAS many texts agree with one by one, and both with the native kernels`(
    fixture: String
  ) throws {
    let native = try Fixture.classifier(fixture)
    let classifier = try Fixture.classifier(fixture, gemm: .cblas, threads: 2)
    let texts = Texts.many(45)
    let answers = try classifier.classify(texts)
    for (text, answer) in zip(texts, answers) {
      #expect(distance(answer, try classifier.classify(text)) <= 1e-5)
      #expect(distance(answer, try native.classify(text)) <= 1e-5)
    }
  }

  private func distance(_ left: Classification, _ right: Classification) -> Float {
    zip(left.logits, right.logits).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test func `texts of more tokens than a pass are answered`() throws {
    let classifier = try Fixture.classifier("plain", threads: 2)
    let long = Array(repeating: "good bad film", count: 300).joined(separator: " ")
    let expected = try classifier.classify(long)
    #expect(expected.isTruncated)
    let answers = try classifier.classify(Array(repeating: long, count: 30))
    #expect(answers.count == 30 && answers.allSatisfy { $0 == expected })
  }

  @Test func `concurrent calls from eight threads give the same bits`() throws {
    let classifier = try Fixture.classifier("plain", threads: 3)
    let texts = Texts.many(30)
    let expected = try classifier.classify(texts)
    let differences = Atomic(0)
    withThreads(8) { caller in
      for round in 0..<6 {
        let answers =
          (caller + round) % 2 == 0
          ? try? classifier.classify(texts) : try? texts.map { try classifier.classify($0) }
        if answers != expected { differences.add(1, ordering: .relaxed) }
      }
    }
    #expect(differences.load(ordering: .relaxed) == 0)
  }

  @Test func `concurrent tasks give the same bits`() async throws {
    let classifier = try Fixture.classifier("three-heads", threads: 2)
    let texts = Texts.many(20)
    let expected = try texts.map { try classifier.classify($0) }
    try await withThrowingTaskGroup(of: [Classification].self) { group in
      for index in 0..<16 {
        group.addTask {
          if index % 2 == 0 { return try await classifier.classify(texts) }
          var answers: [Classification] = []
          for text in texts { answers.append(try await classifier.classify(text)) }
          return answers
        }
      }
      for try await answers in group { #expect(answers == expected) }
    }
  }

  /// Runs `body` on so many threads of their own, and waits for all.
  private func withThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let pool = WorkerPool(threadCount: count)
    let arrived = Atomic(0)
    pool.run(count: count) { index in
      // Nobody starts before everybody has a thread.
      arrived.add(1, ordering: .sequentiallyConsistent)
      while arrived.load(ordering: .sequentiallyConsistent) < count { sched_yield() }
      body(index)
    }
  }
}
