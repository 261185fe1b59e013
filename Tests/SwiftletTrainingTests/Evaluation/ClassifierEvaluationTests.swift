import Swiftlet
import SwiftletWeights
import Testing

@testable import SwiftletTraining

@Suite struct `Evaluation of a loaded model` {
  private static let texts = [
    "A film of rare warmth.", "Dreadful.", "It grows on you.", "Thin plot, thinner acting.",
  ]
  private static let native = ModelOptions(gemm: .native)

  private static func model(_ name: String) throws -> Classifier {
    try Classifier(directory: TrainingFixtures.path("checkpoints/\(name)"), options: native)
  }

  @Test func `The accuracy is that of the answers, and all metrics those of the folder`()
    async throws
  {
    let folder = try BundledModel.sentimentDirectory()
    let classifier = try Classifier(directory: folder, options: Self.native)
    var labels = try await classifier.classify(Self.texts).map(\.label)
    labels[0] = labels[0] == "POSITIVE" ? "NEGATIVE" : "POSITIVE"
    let data = TrainingData.examples(
      zip(Self.texts, labels).map { .labeled($0, label: $1) })
    let metrics = try await classifier.evaluation(on: data)
    #expect(metrics.accuracy == 0.75 && metrics.rows == 4)
    let found = try ModelEvaluation(of: folder, on: data, threads: 1)
    #expect(found.evaluation == .classification(metrics))
  }

  @Test func `An int8 model is evaluated as it was loaded`() async throws {
    let folder = try BundledModel.sentimentDirectory()
    let data = TrainingData.examples(
      Self.texts.map { .labeled($0, label: "POSITIVE") })
    let narrow = try Classifier(directory: folder, options: ModelOptions(precision: .int8))
    let wide = try Classifier(directory: folder, options: Self.native)
    let losses = [
      try await narrow.evaluation(on: data).logLoss, try await wide.evaluation(on: data).logLoss,
    ]
    #expect(losses[0] != losses[1] && abs(losses[0] - losses[1]) < 0.1)
  }

  @Test func `Pairs are evaluated with their token types`() async throws {
    let classifier = try Classifier(
      directory: TrainingFixtures.path("heads/bert-nli"), options: Self.native)
    let pairs = [TextPair("A film.", "A plot."), TextPair("It grows.", "Dreadful.")]
    let labels = try await classifier.classify(pairs).map(\.label)
    let data = TrainingData.examples(
      zip(pairs, labels).map { .labeled($0.text, pair: $0.pair, label: $1) })
    #expect(try await classifier.evaluation(on: data).accuracy == 1)
  }

  @Test func `Several labels and numbers have methods of their own`() async throws {
    let several = try Self.model("multi-label")
    let options = ClassificationOptions(topK: several.labels.count)
    let answers = try await several.classify(Self.texts, options: options)
    let rows = zip(Self.texts, answers).map {
      TrainingExample.multiLabel($0, labels: $1.scores.filter { $0.score > 0.5 }.map(\.label))
    }
    #expect(try await several.multiLabelEvaluation(on: .examples(rows)).exact.value == 1)

    let regression = try Self.model("regression")
    let values = try await regression.classify(Self.texts).map { Double($0.logits[0]) }
    let numbers = zip(Self.texts, values).map { TrainingExample.value($0, value: $1) }
    let metrics = try await regression.regressionEvaluation(on: .examples(numbers))
    #expect(metrics.mse == 0)
  }

  @Test func `A method for another kind of model names the right one`() async throws {
    let data = TrainingData.examples([.labeled("a", label: "b")])
    let regression = try Self.model("regression")
    let error = await #expect(throws: TrainingError.self) {
      _ = try await regression.evaluation(on: data)
    }
    #expect(error?.description.contains("call regressionEvaluation(on:)") == true)
    let single = try Self.model("single-label")
    let other = await #expect(throws: TrainingError.self) {
      _ = try await single.multiLabelEvaluation(on: data)
    }
    #expect(other?.description.contains("call evaluation(on:)") == true)
    let three = try Self.model("regression-three")
    let third = await #expect(throws: TrainingError.self) {
      _ = try await three.regressionEvaluation(on: data)
    }
    #expect(third?.description.contains("the model predicts 3") == true)
  }

  @Test func `A tagger is evaluated by its entities`() async throws {
    let folder = TrainingFixtures.path("heads/tokens")
    let data = TrainingData.examples([
      .words(["Ada", "likes", "London"], tags: ["B-PER", "O", "B-LOC"])
    ])
    let tagger = try TokenClassifier(directory: folder, options: Self.native)
    let metrics = try await tagger.evaluation(on: data)
    #expect(metrics.tokens.total == 3 && metrics.entities.support == 2)
    #expect(
      try ModelEvaluation(of: folder, on: data, threads: 1).evaluation == .tokens(metrics))
  }

  @Test func `A cancelled evaluation throws`() async throws {
    let classifier = try Self.model("single-label")
    let label = classifier.labels[0]
    let rows = (0..<20_000).map { TrainingExample.labeled("good \($0)", label: label) }
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await classifier.evaluation(on: .examples(rows))
    }
    task.cancel()
    await #expect(throws: TrainingError.cancelled(step: 0, total: 0)) { try await task.value }
  }
}
