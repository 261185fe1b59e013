import Foundation
import SwiftletEncoder
import SwiftletTokenizer
import Testing

@testable import SwiftletTraining

/// What transformers' run_ner.py and run_qa.py make of the same rows.
struct DataGoldenTests {
  private struct Golden: Decodable {
    struct Tagged: Decodable {
      let words: [String]
      let tags: [String]
      let length: Int
      let ids: [Int32]
      let labels: [String?]
    }
    struct Answered: Decodable {
      let question: String
      let answer: String?
      let start: Int
      let length: Int
      let stride: Int
      let ids: [[Int32]]
      let spans: [[Int]]
    }
    let context: String
    let tagged: [Tagged]
    let answered: [Answered]
  }

  private static func golden() throws -> Golden {
    let url = DataSample.root.appending(path: "Tests/Fixtures/training/data-golden.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }

  @Test func `tags are aligned to word pieces as in run_ner.py`() throws {
    for tagged in try Self.golden().tagged {
      let data = try DataSample.prepare(
        .examples([.words(tagged.words, tags: tagged.tags)]), maxLength: tagged.length)
      #expect(data.training.sequence(of: 0).ids == tagged.ids)
      let expected = tagged.labels.map { label in
        label.flatMap { data.labels.firstIndex(of: $0) }.map(Int32.init) ?? -100
      }
      #expect(data.targets == [.tokenLabels(expected)])
    }
  }

  @Test func `answers are found in windows as in run_qa.py`() throws {
    let golden = try Self.golden()
    for answered in golden.answered {
      let answers = answered.answer.map { [AnswerExample(start: answered.start, text: $0)] } ?? []
      let example = TrainingExample.question(
        answered.question, context: golden.context, answers: answers)
      let data = try PreparedData(
        training: .examples([example]), validation: .none,
        encoding: DataSample.encoding(maxLength: answered.length, stride: answered.stride))
      #expect((0..<data.training.count).map { data.training.sequence(of: $0).ids } == answered.ids)
      #expect(data.targets == answered.spans.map { .span(start: $0[0], end: $0[1]) })
      #expect(data.summary.exampleCount == 1)
    }
  }

  @Test func `questions without an answer point to the first token`() throws {
    let folder = try DataFolder()
    let file = try folder.file(
      "a.json",
      "{\"data\":[{\"paragraphs\":[{\"context\":\"Ada ran.\",\"qas\":["
        + "{\"question\":\"Who?\",\"is_impossible\":true,\"plausible_answers\":[{}],\"answers\":[]},"
        + "{\"question\":\"Who ran?\",\"answers\":[{\"text\":\"Ada\",\"answer_start\":0},"
        + "{\"text\":\"ran\",\"answer_start\":4}]}]}]}]}")
    let data = try DataSample.prepare(.file(file))
    #expect(data.targets == [.span(start: 0, end: 0), .span(start: 5, end: 5)])
  }
}
