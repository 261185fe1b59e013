import Foundation
import Swiftlet
import SwiftletTokenizer
import Testing

/// The answers of transformers' text-classification pipeline, from `Tests/Fixtures`.
struct PipelineGolden: CustomTestStringConvertible, Sendable {
  let name: String
  let directory: String
  let answers: Answers

  struct Answers: Decodable, Sendable {
    let maxLength: Int
    let labels: [String]
    let texts: [Text]
    let pairs: [Text]?
  }

  struct Text: Decodable, Sendable {
    let text: String
    let pair: String?
    let ids: [Int32]
    let typeIDs: [Int32]?
    let logits: [Float]
    let scores: [Score]?
  }

  struct Score: Decodable, Sendable {
    let label: String
    let score: Float
  }

  struct Sentiment: Decodable {
    let labels: [String]
    let sentences: [Text]
    let sst2: [Row]

    struct Row: Decodable {
      let logits: [Float]
      let predicted: Int
    }
  }

  var testDescription: String { name }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let checkpoints: [PipelineGolden] = {
    let folder = root.appending(path: "Tests/Fixtures/checkpoints")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().compactMap { name in
      let directory = folder.appending(path: name)
      guard let data = try? Data(contentsOf: directory.appending(path: "golden.json")),
        let answers = try? JSONDecoder().decode(Answers.self, from: data)
      else { return nil }
      return PipelineGolden(name: name, directory: directory.path, answers: answers)
    }
  }()

  static func sentiment() throws -> Sentiment {
    let path = root.appending(path: "Tests/Fixtures/sentiment/golden.json")
    return try JSONDecoder().decode(Sentiment.self, from: Data(contentsOf: path))
  }
}

@Suite struct PipelineGoldenTests {
  @Test func `the golden checkpoints with a classifier are there`() {
    #expect(PipelineGolden.checkpoints.count >= 73)
  }

  @Test(arguments: PipelineGolden.checkpoints)
  func `texts have the ids, labels and scores that transformers gives them`(
    golden: PipelineGolden
  ) throws {
    let classifier = try Classifier(directory: golden.directory)
    #expect(classifier.labels == golden.answers.labels)
    #expect(classifier.maxLength == golden.answers.maxLength)
    let answers = try classifier.classify(golden.answers.texts.map(\.text))
    for (expected, answer) in zip(golden.answers.texts, answers) {
      let encoding = classifier.tokenizer.encode(
        expected.text, options: EncodingOptions(maxLength: classifier.maxLength))
      #expect(encoding.ids == expected.ids, "\(expected.text)")
      #expect(answer.isTruncated == encoding.isTruncated)
      expect(answer, equals: expected)
    }
    // transformers ignores an empty second text; `tokenizers` and Swiftlet encode it.
    for pair in golden.answers.pairs ?? [] where pair.pair != "" {
      let options = EncodingOptions(maxLength: classifier.maxLength)
      let encoding = classifier.tokenizer.encode(pair.text, pair: pair.pair, options: options)
      #expect(encoding.ids == pair.ids, "\(pair.text) | \(pair.pair ?? "")")
      #expect(encoding.typeIDs == pair.typeIDs ?? encoding.typeIDs)
    }
  }

  @Test func `the bundled model answers as transformers does`() throws {
    let golden = try PipelineGolden.sentiment()
    let classifier = try Classifier(
      directory: PipelineGolden.root.appending(path: "weights/sentiment").path)
    #expect(classifier.labels == golden.labels)
    let answers = try classifier.classify(golden.sentences.map(\.text))
    for (expected, answer) in zip(golden.sentences, answers) { expect(answer, equals: expected) }
  }

  @Test(.enabled(if: SST2.isPresent, SST2.missing))
  func `all of SST-2 dev has transformers' labels, and the accuracy of the card`() throws {
    let golden = try PipelineGolden.sentiment()
    let rows = try SST2.rows()
    try #require(rows.count == golden.sst2.count)
    let classifier = try Classifier(
      directory: PipelineGolden.root.appending(path: "weights/sentiment").path)
    let answers = try classifier.classify(rows.map(\.text))
    var correct = 0
    for ((row, expected), answer) in zip(zip(rows, golden.sst2), answers) {
      #expect(answer.label == classifier.labels[expected.predicted], "\(row.text)")
      #expect(greatestDifference(answer.logits, expected.logits) <= 1e-4, "\(row.text)")
      if answer.label == classifier.labels[row.label] { correct += 1 }
    }
    #expect(correct == 778)
  }

  private func expect(_ answer: Classification, equals expected: PipelineGolden.Text) {
    #expect(greatestDifference(answer.logits, expected.logits) <= 1e-4, "\(expected.text)")
    let scores = expected.scores ?? []
    #expect(answer.scores.map(\.label) == scores.map(\.label), "\(expected.text)")
    #expect(
      greatestDifference(answer.scores.map(\.score), scores.map(\.score)) <= 1e-4,
      "\(expected.text)")
  }
}

private func greatestDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).map { ($0 - $1).magnitude }.reduce(0) {
    $1.isNaN ? .infinity : max($0, $1)
  }
}
