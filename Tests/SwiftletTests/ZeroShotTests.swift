import Swiftlet
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ZeroShotTests {
  struct Golden: Decodable {
    let cases: [Case]

    struct Case: Decodable {
      let text: String
      let candidates: [String]
      let template: String
      let multiLabel: Bool
      let labels: [String]
      let scores: [Float]
    }
  }

  struct Choices: Decodable {
    let cases: [Case]

    struct Case: Decodable {
      let text: String
      let choices: [String]
      let logits: [Float]
      let scores: [Float]
    }
  }

  @Test(arguments: ["nli", "nli-first", "bert-nli"])
  func `labels and scores are those of transformers' pipeline`(name: String) throws {
    let classifier = try ZeroShotClassifier(directory: HeadGolden.path(name))
    let golden: Golden = try HeadGolden.answers(name)
    #expect(golden.cases.count == 48)
    for golden in golden.cases {
      let options = ZeroShotOptions(
        hypothesisTemplate: golden.template, multiLabel: golden.multiLabel)
      let found = try classifier.classify(golden.text, labels: golden.candidates, options: options)
      #expect(found.labels.map(\.label) == golden.labels, "\(golden)")
      #expect(agree(found.labels.map(\.score), golden.scores), "\(golden)")
      let many = try classifier.classify(
        ["", golden.text], labels: golden.candidates, options: options)
      #expect(many[1] == found)
    }
    #expect(classifier.entailmentLabel.lowercased() == "entailment")
  }

  @Test func `label2id decides which label is entailment`() throws {
    let model = try TemporaryModel(copying: "../heads/nli")
    let original = try ZeroShotClassifier(directory: model.path)
    for (ids, label) in [
      (#"{"contradiction": 0, "entailment": 1}"#, 1), (#"{"entailment": 0}"#, 0), ("{}", nil),
      (#"{"entailment": "0"}"#, nil), ("[]", nil),
    ] {
      try model.change("config.json", ["label2id": ids])
      let classifier = try ZeroShotClassifier(directory: model.path)
      let expected = try label.map { try Classifier(directory: model.path).labels[$0] }
      #expect(classifier.entailmentLabel == expected ?? original.entailmentLabel)
    }
    try model.change("config.json", ["label2id": #"{"entailment": 7}"#])
    let error = #expect(throws: SwiftletError.self) {
      try ZeroShotClassifier(directory: model.path)
    }
    #expect(error?.description.contains("label2id") == true)
  }

  @Test func `invalid arguments are errors with the reason`() throws {
    let classifier = try ZeroShotClassifier(directory: HeadGolden.path("nli"))
    #expect(throws: SwiftletError.self) { try classifier.classify("x", labels: []) }
    for template in ["", "no place", "{} and {}", "{"] {
      #expect(throws: SwiftletError.self) {
        try classifier.classify("x", labels: ["a"], options: .init(hypothesisTemplate: template))
      }
    }
    #expect(throws: SwiftletError.self) {
      try ZeroShotClassifier(directory: HeadGolden.path("reranker"))
    }
  }

  @Test(arguments: ["choice", "bert-choice"])
  func `choices have the logits of transformers' model`(name: String) throws {
    let model = try MultipleChoice(directory: HeadGolden.path(name))
    let golden: Choices = try HeadGolden.answers(name)
    #expect(golden.cases.count == 3)
    for golden in golden.cases {
      let found = try model.choose(golden.text, among: golden.choices)
      #expect(agree(found.logits, golden.logits) && agree(found.scores, golden.scores))
      #expect(found.logits[found.best] == golden.logits.max().map { _ in found.logits.max() })
    }
    #expect(throws: SwiftletError.self) { try model.choose("x", among: []) }
  }

  @Test func `async calls answer as synchronous ones`() async throws {
    let classifier = try ZeroShotClassifier(directory: HeadGolden.path("nli"))
    let one = try await classifier.classify("A good film.", labels: ["cat", "film"])
    #expect(try await classifier.classify(["A good film."], labels: ["cat", "film"]) == [one])
    let model = try MultipleChoice(directory: HeadGolden.path("choice"))
    #expect(try await model.choose("x", among: ["a"]).scores == [1])
  }
}
