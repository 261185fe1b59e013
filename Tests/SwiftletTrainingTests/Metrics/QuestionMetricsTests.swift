import Foundation
import SwiftletKernelCore
import Testing

@testable import SwiftletTraining

/// The scores of answers that SQuAD's evaluation takes from the same logits.
@Suite struct QuestionMetricsTests {
  private struct Golden: Decodable {
    struct Question: Decodable {
      let question: String
      let context: String
      let length: Int
      let stride: Int
      let answers: [String]
      let start: Int
      let found: String
      let logits: [[[Float]]]

      var example: TrainingExample {
        .question(
          question, context: context,
          answers: answers.map { AnswerExample(start: start, text: $0) })
      }
    }
    struct Case: Decodable {
      let questions: [Question]
      let exact: Double
      let f1: Double
    }
    let squad: Case
    let squad2: Case
  }

  private static func golden() throws -> Golden {
    let url = DataSample.root.appending(path: "Tests/Fixtures/training/answers.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }

  /// The metrics of questions with the same length; `windows` of them are added at a time.
  private func metrics(
    _ questions: [Golden.Question], windows count: Int
  ) throws -> AnswerMetrics {
    let data = try PreparedData(
      training: .examples(questions.map(\.example)), validation: .none,
      encoding: DataSample.encoding(maxLength: questions[0].length, stride: questions[0].stride))
    let objective = QuestionObjective(data.training, encoding: data.encoding)
    var accumulator = objective.makeAccumulator()
    let windows = questions.flatMap(\.logits)
    #expect(windows.count == data.training.count)
    for first in stride(from: 0, to: windows.count, by: count) {
      let examples = Array(first..<min(first + count, windows.count))
      var logits = examples.flatMap { windows[$0].flatMap(\.self) }
      logits.withUnsafeMutableBufferPointer { logits in
        guard let start = logits.baseAddress else { return }
        accumulator.add(
          examples.indices,
          of: ExampleGroup(examples: examples, epoch: 0, step: 0, isTraining: false),
          outputs: Matrix(start, rows: logits.count / 2, columns: 2))
      }
    }
    return accumulator.metrics(loss: nil)
  }

  @Test(arguments: [1, 3, 100])
  func `Questions count as in transformers' and SQuAD's scripts, in any batches`(
    windows: Int
  ) throws {
    let golden = try Self.golden()
    for expected in [golden.squad, golden.squad2] {
      var (exact, overlaps) = (0, 0.0)
      for length in [24, 48, 384] {
        let questions = expected.questions.filter { $0.length == length }
        let metrics = try metrics(questions, windows: windows)
        #expect(metrics.all.exact.total == questions.count)
        exact += metrics.all.exact.count
        overlaps += metrics.all.overlaps
      }
      let count = Double(expected.questions.count)
      #expect(abs(Double(exact) / count - expected.exact) < 1e-12)
      #expect(abs(overlaps / count - expected.f1) < 1e-12)
    }
  }

  @Test func `An answer is a part of the context and not a text of tokens`() throws {
    let golden = try Self.golden()
    for (questions, allowsNoAnswer) in [
      (golden.squad.questions, false), (golden.squad2.questions, true),
    ] {
      for question in questions {
        let encoding = try DataSample.encoding(maxLength: question.length, stride: question.stride)
        var search = AnswerSearch()
        let windows = try encoding.windows(question.question, question.context)
        for (window, logits) in zip(windows, question.logits) {
          var values = logits.flatMap(\.self)
          values.withUnsafeMutableBufferPointer { values in
            guard let start = values.baseAddress else { return }
            search.add(window, logits: Matrix(start, rows: values.count / 2, columns: 2))
          }
        }
        #expect(
          search.answer(in: question.context, allowsNoAnswer: allowsNoAnswer) == question.found)
      }
    }
  }

  @Test func `Contexts are stored once, and texts come back as they were`() {
    var texts = QuestionTexts()
    for (number, context) in ["one", "one", "Łódź", "one"].enumerated() {
      texts.append(
        "question \(number)?", context: context, hash: TextHash(of: [context]),
        answers: (0..<number).map { "answer \($0)" })
    }
    #expect(texts.count == 4 && texts.question(2) == "question 2?")
    #expect((0..<4).map { texts.context(of: $0) } == ["one", "one", "Łódź", "one"])
    #expect(texts.answers(to: 2) == ["answer 0", "answer 1"])
    #expect(!texts.hasAnswer(0) && texts.hasAnswer(1))
    let before = texts.byteCount
    for _ in 0..<1000 {
      texts.append("q", context: "one", hash: TextHash(of: ["one"]), answers: [])
    }
    #expect(texts.byteCount - before < 100_000)
  }
}
