import Swiftlet
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TokenClassifierTests {
  struct Golden: Decodable {
    let cases: [Case]

    struct Case: Decodable, CustomTestStringConvertible, Sendable {
      let text: String
      let aggregation: String
      let ignored: [String]
      let stride: Int?
      let entities: [Found]

      var testDescription: String {
        "\(aggregation) \(ignored) \(stride.map { "stride \($0)" } ?? "") \(text.prefix(20))"
      }
    }

    struct Found: Decodable, Sendable {
      let entity: String?
      let entity_group: String?
      let score: Float
      let index: Int?
      let word: String
      let start: Int
      let end: Int
    }
  }

  private static func classifier(
    _ name: String = "tokens", threads: Int? = nil
  ) throws(SwiftletError) -> TokenClassifier {
    try TokenClassifier(
      directory: HeadGolden.path(name), options: ModelOptions(gemm: .native, threads: threads))
  }

  @Test(arguments: [("tokens", 182), ("bert-tokens", 62)])
  func `entities are those of transformers' pipeline, in every aggregation`(
    name: String, count: Int
  ) throws {
    let classifier = try Self.classifier(name)
    let golden: Golden = try HeadGolden.answers(name)
    #expect(golden.cases.count == count)
    for golden in golden.cases {
      let options = TokenClassificationOptions(
        aggregation: try #require(TokenAggregation(rawValue: golden.aggregation)),
        ignoreLabels: golden.ignored,
        longText: golden.stride.map { .window(stride: $0) } ?? .truncate)
      let answer = try classifier.classify(golden.text, options: options)
      let name = Comment(rawValue: golden.testDescription)
      #expect(answer.entities.count == golden.entities.count, name)
      for (found, expected) in zip(answer.entities, golden.entities) {
        #expect(found.label == expected.entity_group ?? expected.entity, name)
        #expect(agree(found.score, expected.score), name)
        #expect(found.word == expected.word, name)
        #expect(found.offsets == expected.start..<expected.end, name)
        #expect(found.tokenIndex == expected.index, name)
        let slice = String(
          String.UnicodeScalarView(
            golden.text.unicodeScalars.dropFirst(expected.start)
              .prefix(expected.end - expected.start)))
        #expect(
          String(found.text(in: golden.text)).unicodeScalars.elementsEqual(
            slice.unicodeScalars), name)
      }
    }
  }

  @Test(arguments: [1, 2, 7])
  func `many texts have the bits of one by one`(threads: Int) throws {
    let single = try Self.classifier(threads: 1)
    let many = try Self.classifier(threads: threads)
    let texts = Texts.many(40)
    for longText in [LongText.truncate, .window(stride: 7)] {
      let options = TokenClassificationOptions(
        aggregation: .simple, ignoreLabels: [], longText: longText)
      let expected = try texts.map { try single.classify($0, options: options) }
      #expect(try many.classify(texts, options: options) == expected)
    }
  }

  @Test func `windows read text that truncation drops, and the answer marks the cut`() throws {
    let classifier = try Self.classifier()
    let text = Array(repeating: "good", count: 100).joined(separator: " ")
    let cut = try classifier.classify(text, options: .init(ignoreLabels: []))
    #expect(cut.isTruncated && cut.tokenCount == 102)
    #expect(cut.entities.count == classifier.maxLength - 2)
    let whole = try classifier.classify(
      text, options: .init(aggregation: .first, ignoreLabels: [], longText: .window(stride: 0)))
    #expect(!whole.isTruncated && whole.tokenCount == 102)
    #expect(whole.entities.last?.utf8Offsets.upperBound == text.utf8.count)
  }

  @Test func `long texts and impossible windows are errors with the reason`() throws {
    let classifier = try Self.classifier()
    let text = Array(repeating: "good", count: 100).joined(separator: " ")
    #expect(throws: SwiftletError.text(.tooLong(tokenCount: 102, maxLength: 48), index: 1)) {
      try classifier.classify(["", text], options: .init(longText: .error))
    }
    for stride in [-1, 46, 48, .max] {
      let error = SwiftletError.text(.noRoomForWindows(maxLength: 48, stride: stride), index: 0)
      #expect(throws: error) {
        try classifier.classify(
          text, options: .init(aggregation: .max, longText: .window(stride: stride)))
      }
    }
    #expect(throws: SwiftletError.self) {
      try classifier.classify("", options: .init(longText: .window(stride: 0)))
    }
  }

  @Test func `a checkpoint of another head is refused`() {
    #expect(throws: SwiftletError.self) {
      try TokenClassifier(directory: HeadGolden.path("questions"))
    }
  }

  @Test func `async calls answer as synchronous ones`() async throws {
    let classifier = try Self.classifier()
    let one = try await classifier.classify("A good film.")
    #expect(try await classifier.classify(["A good film.", ""])[0] == one)
  }
}
