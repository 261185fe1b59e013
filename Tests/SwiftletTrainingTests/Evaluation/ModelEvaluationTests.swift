import Swiftlet
import SwiftletWeights
import Testing

@testable import SwiftletTraining

@Suite struct `Evaluation of a model` {
  private static let texts = [
    "A film of rare warmth.", "Dreadful.", "It grows on you.", "Thin plot, thinner acting.",
  ]

  private static func examples(_ labels: [String]) -> TrainingData {
    .examples(zip(texts, labels).map { .labeled($0, label: $1) })
  }

  @Test func `The accuracy is that of the classifier's answers`() throws {
    let folder = try BundledModel.sentimentDirectory()
    let answers = try Classifier(directory: folder).classify(Self.texts).map(\.label)
    var labels = answers
    labels[0] = labels[0] == "POSITIVE" ? "NEGATIVE" : "POSITIVE"
    let right = try ModelEvaluation(of: folder, on: Self.examples(answers), threads: 1)
    #expect(right.evaluation.metrics.value(of: .accuracy) == 1)
    let wrong = try ModelEvaluation(of: folder, on: Self.examples(labels), threads: 2)
    #expect(wrong.task == .classification && wrong.labels == ["NEGATIVE", "POSITIVE"])
    #expect(wrong.evaluation.metrics.value(of: .accuracy) == 0.75)
    #expect(wrong.summary.trainingCount == 4)
  }

  @Test func `A tagger is evaluated by its entities`() throws {
    let data = TrainingData.examples([
      .words(["Ada", "likes", "London"], tags: ["B-PER", "O", "B-LOC"])
    ])
    let found = try ModelEvaluation(of: TrainingFixtures.path("heads/tokens"), on: data, threads: 1)
    guard case .tokens(let metrics) = found.evaluation else {
      Issue.record("expected the metrics of a tagger, found \(found.evaluation)")
      return
    }
    #expect(metrics.tokens.total == 3 && metrics.entities.support == 2)
  }

  @Test func `A model without labels can't be evaluated`() throws {
    let error = #expect(throws: TrainingError.self) {
      _ = try ModelEvaluation(
        of: TrainingFixtures.path("heads/questions"), on: Self.examples(["a", "b", "a", "b"]))
    }
    #expect(error?.description.contains("can't be evaluated") == true)
    #expect(error?.description.contains("--teacher") == false)
  }

  @Test func `Labels that the model does not have are refused`() throws {
    let folder = try BundledModel.sentimentDirectory()
    #expect(throws: TrainingError.self) {
      _ = try ModelEvaluation(of: folder, on: Self.examples(["a", "b", "a", "b"]))
    }
  }

  @Test func `A check of the data ends the work`() throws {
    let folder = try BundledModel.sentimentDirectory()
    let data = Self.examples(["NEGATIVE", "POSITIVE", "NEGATIVE", "POSITIVE"])
    #expect(throws: TrainingError.unreadable(reason: "stop")) {
      _ = try ModelEvaluation(of: folder, on: data) { (_) throws(TrainingError) in
        throw .unreadable(reason: "stop")
      }
    }
  }
}
