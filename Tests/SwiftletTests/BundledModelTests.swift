import Swiftlet
import SwiftletTokenizer
import SwiftletWeights
import Testing

@Suite(.timeLimit(.minutes(10)))
struct BundledModelTests {
  private static let classifier = Result { () throws(SwiftletError) in
    try Classifier.sentiment(options: ModelOptions(gemm: .native))
  }

  @Test(arguments: [
    ("A film of rare warmth and wit.", "POSITIVE"), ("I loved every minute of it!", "POSITIVE"),
    ("Dull, overlong and badly acted.", "NEGATIVE"), ("What a waste of time.", "NEGATIVE"),
  ])
  func `the bundled model distinguishes praise from blame`(text: String, label: String) throws {
    let classifier = try Self.classifier.get()
    let answer = try classifier.classify(text)
    #expect(answer.label == label)
    #expect(answer.score > 0.8 && answer.score <= 1)
    #expect(answer.logits.count == 2 && !answer.isTruncated)
  }

  @Test func `the bundled model has the properties of its card`() throws {
    let classifier = try Self.classifier.get()
    #expect(classifier.labels == ["NEGATIVE", "POSITIVE"])
    #expect(classifier.maxLength == 512)
    #expect(classifier.unusedTensors.isEmpty)
    #expect(classifier.tokenizer.maxID == 30521)
  }

  @Test(arguments: [1, 2, 7])
  func `the bundled model's batch has the bits of its texts alone`(threads: Int) throws {
    let single = try Self.classifier.get()
    let classifier = try Classifier.sentiment(
      options: ModelOptions(gemm: .native, threads: threads))
    let texts = Array(Texts.mixed.shuffled())
    let answers = try classifier.classify(texts)
    for (text, answer) in zip(texts, answers) {
      let alone = try single.classify(text)
      #expect(answer.logitBits == alone.logitBits)
    }
  }

  @Test func `the bundled model answers a stream in order`() async throws {
    let classifier = try Self.classifier.get()
    let (texts, input) = AsyncStream.makeStream(of: String.self)
    for index in 0..<20 { input.yield(index % 3 == 0 ? "A wonderful film." : "Awful.") }
    input.finish()
    var labels: [String] = []
    for try await answer in classifier.classify(texts) { labels.append(answer.label) }
    #expect(labels == (0..<20).map { $0 % 3 == 0 ? "POSITIVE" : "NEGATIVE" })
  }
}
