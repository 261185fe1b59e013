import Swiftlet
import Testing

@Suite(.timeLimit(.minutes(10)))
struct PairTests {
  struct Golden: Decodable {
    let pairs: [Case]

    struct Case: Decodable {
      let text: String
      let pair: String
      let scores: [Score]
    }

    struct Score: Decodable {
      let label: String
      let score: Float
    }
  }

  private static func classifier(_ name: String) throws(SwiftletError) -> Classifier {
    try Classifier(directory: HeadGolden.path(name), options: ModelOptions(gemm: .native))
  }

  @Test(arguments: ["nli", "reranker", "bert-nli"])
  func `pairs have the scores of transformers' pipeline`(name: String) throws {
    let classifier = try Self.classifier(name)
    let golden: Golden = try HeadGolden.answers(name)
    #expect(golden.pairs.count >= 6)
    let answers = try classifier.classify(golden.pairs.map { TextPair($0.text, $0.pair) })
    for (answer, expected) in zip(answers, golden.pairs) {
      #expect(answer.scores.map(\.label) == expected.scores.map(\.label))
      #expect(agree(answer.scores.map(\.score), expected.scores.map(\.score)), "\(expected)")
      let alone = try classifier.classify([TextPair(expected.text, expected.pair)])
      #expect(alone[0].logitBits == answer.logitBits)
    }
    #expect(answers.last?.isTruncated == true)
  }

  @Test func `windows of a text are pooled label by label`() throws {
    let classifier = try Self.classifier("nli")
    let text = (0..<80).map { ["good", "cat", "boring", "the"][$0 * $0 % 4] }
      .joined(separator: " ")
    let mean = try classifier.classify(text, options: .init(longText: .window(stride: 10)))
    let most = try classifier.classify(
      text, options: .init(longText: .window(stride: 10), windowPooling: .max))
    #expect(!mean.isTruncated && mean.tokenCount == 82)
    // 46 tokens a window, 36 of them new: 0..<46, 36..<80
    let words = text.split(separator: " ")
    let parts = try [words[0..<46], words[36..<80]].map {
      try classifier.classify($0.joined(separator: " ")).logits
    }
    #expect(
      zip(mean.logits, zip(parts[0], parts[1])).allSatisfy { abs($0 - ($1.0 + $1.1) / 2) < 1e-5 })
    #expect(most.logits == zip(parts[0], parts[1]).map { max($0, $1) })
    let short = try classifier.classify("good", options: .init(longText: .window(stride: 10)))
    #expect(try short.logitBits == classifier.classify("good").logitBits)
  }

  @Test func `windows of a pair cut the longer text`() throws {
    let classifier = try Self.classifier("nli")
    let long = Array(repeating: "good", count: 100).joined(separator: " ")
    let options = ClassificationOptions(longText: .window(stride: 5))
    let answers = try classifier.classify(
      [TextPair("cat", long), TextPair(long, "cat")], options: options)
    #expect(answers.allSatisfy { !$0.isTruncated && $0.tokenCount == 104 })
    #expect(throws: SwiftletError.self) {
      try classifier.classify([TextPair(long, long)], options: options)
    }
  }

  @Test func `the model abstains below the minimum score, and temperature lowers scores`() throws {
    let classifier = try Self.classifier("nli")
    let plain = try classifier.classify("A good film.")
    #expect(plain.decision == plain.scores[0])
    let exact = try classifier.classify("A good film.", options: .init(minimumScore: plain.score))
    #expect(exact.decision == plain.scores[0])
    let strict = try classifier.classify(
      "A good film.", options: .init(minimumScore: plain.score.nextUp))
    #expect(strict.decision == nil && strict.scores == plain.scores)
    let warm = try classifier.classify("A good film.", options: .init(temperature: 3))
    #expect(warm.score < plain.score && warm.logits == plain.logits)
    for temperature in [0, -1, Float.nan, .infinity] {
      #expect(throws: SwiftletError.self) {
        try classifier.classify("x", options: .init(temperature: temperature))
      }
    }
  }

  @Test func `labels are accepted by their own thresholds`() throws {
    let classifier = try Self.classifier("nli")
    func accepted(_ threshold: Float, _ own: [String: Float] = [:]) throws -> [String] {
      let options = ClassificationOptions(
        function: .sigmoid, threshold: threshold, labelThresholds: own)
      return try classifier.classify("A good film.", options: options).accepted.map(\.label)
    }
    #expect(try accepted(0).count == 3)
    #expect(try accepted(1.1).isEmpty)
    #expect(try accepted(1.1, ["neutral": 0]) == ["neutral"])
    #expect(throws: SwiftletError.self) { try accepted(0.5, ["Neutral": 0]) }
  }

  @Test func `calibration finds the temperature of drawn examples`() throws {
    // 3 in 4 examples with the logits (2.4, 0) are right: softmax says so at 2.4 / ln 3.
    let logits = Array(repeating: [Float(2.4), 0], count: 400)
    let labels = (0..<400).map { $0 % 4 == 0 ? 1 : 0 }
    let found = try Calibration.temperature(logits: logits, labels: labels)
    #expect(abs(found - 2.4 / 1.098612) < 1e-3)
    #expect(throws: SwiftletError.self) { try Calibration.temperature(logits: [], labels: []) }
    #expect(throws: SwiftletError.self) {
      try Calibration.temperature(logits: [[1, 2]], labels: [2])
    }
  }
}
