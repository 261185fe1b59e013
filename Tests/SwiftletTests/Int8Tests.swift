import Foundation
import Swiftlet
import Testing

@Suite struct Int8Tests {
  static func sentiment(_ precision: Precision, threads: Int? = nil) throws -> Classifier {
    try Classifier(
      directory: PipelineGolden.root.appending(path: "weights/sentiment").path,
      options: ModelOptions(precision: precision, threads: threads))
  }

  @Test func `int8 answers are near float32's`() throws {
    let texts = try PipelineGolden.sentiment().sentences.map(\.text)
    let exact = try Self.sentiment(.float32).classify(texts)
    let quantized = try Self.sentiment(.int8).classify(texts)
    for (left, right) in zip(exact, quantized) {
      #expect(abs(left.scores[0].score - right.scores[0].score) < 0.1)
    }
  }

  @Test(arguments: [1, 2, 7])
  func `int8 answers are the same bits alone and in any batch`(threads: Int) throws {
    let texts = try PipelineGolden.sentiment().sentences.map(\.text)
    let classifier = try Self.sentiment(.int8, threads: threads)
    let together = try classifier.classify(texts)
    for (text, answer) in zip(texts, together) {
      #expect(try classifier.classify(text) == answer)
    }
  }

  @Test(.enabled(if: SST2.isPresent, SST2.missing))
  func `SST-2 dev loses at most 0.3 points`() throws {
    let rows = try SST2.rows()
    let classifier = try Self.sentiment(.int8)
    let answers = try classifier.classify(rows.map(\.text))
    let correct = zip(rows, answers).count { row, answer in
      answer.label == classifier.labels[row.label]
    }
    #expect(Double(correct) / 872 >= 778.0 / 872 - 0.003, "\(correct) of 872 are right")
  }
}
