import Foundation
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import Testing

@testable import SwiftletTraining

@Suite struct ProbeTrainingTests {
  static let bases = [
    "checkpoints/bare", "checkpoints/bert-bare", "checkpoints/bert-without-pooler",
  ]
  private static let three = ["bad", "good", "great"]

  /// The features of the training rows; before the classifier with its passage, or as the encoder has them.
  private func features(
    _ context: TrainingContext, passing: Bool
  ) throws -> FeatureMatrix {
    let encoder = try FeatureEncoder(context)
    let data = context.data.training
    let objective = ClassificationObjective(data, loss: CrossEntropy())
    let features = try FeatureMatrix(rowCount: data.count, columnCount: encoder.width)
    var largest = [Float](repeating: 0, count: encoder.width)
    let all = Array(0..<data.count)
    try encoder.forEachRow(
      of: all, objective, batchSize: 32, passTokens: PassCut.usualTokens, unless: .never
    ) {
      _ = features[$0].update(fromContentsOf: $1)
      for (index, value) in $1.enumerated() { largest[index] = max(largest[index], abs(value)) }
    }
    if passing, !encoder.isPooled {
      let passage = FeaturePassage(context.configuration.architecture, largest: largest)
      for row in 0..<features.rowCount { passage.apply(to: features[row]) }
    }
    return features
  }

  @Test(arguments: bases, [2, 3])
  func `The written classifier has the probabilities of the logistic regression`(
    base: String, labelCount: Int
  ) throws {
    let labels = Array(Self.three.prefix(labelCount))
    var training = SmallTraining(base, .probe)
    training.steps = nil
    training.training = SmallTraining.examples(30, labels: labels)
    // The largest features are then those of the training rows.
    training.change = { $0.validation = .none }
    let folder = try OutputFolder.trained()
    let name = "probe-\(base.split(separator: "/")[1])-\(labelCount)"
    let outcome = try training.run(folder.file(name))
    #expect(outcome.evaluation == nil && outcome.summary.reason == .completed)
    let classifier = try Classifier(directory: folder.file(name))
    #expect(Set(classifier.labels) == Set(labels))
    try folder.write(classifier, texts: SmallTraining.texts(30, labels).map(\.text), to: name)
    let context = try training.context()
    let data = context.data.training
    let classes = (0..<data.count).map { data.classNumber(of: $0) ?? 0 }
    for (passing, tolerance) in [(true, 1e-4), (false, 1e-3)] {
      let features = try features(context, passing: passing)
      let regression = try LogisticRegression(
        features, classes: classes, classCount: labelCount, pool: context.pool)
      let expected = regression.probabilities(features, pool: context.pool)
      for (row, text) in SmallTraining.texts(30, labels).enumerated() {
        for score in try classifier.classify(text.text).scores {
          let label = try #require(data.labels.firstIndex(of: score.label))
          #expect(abs(Double(score.score) - expected[row * labelCount + label]) <= tolerance)
        }
      }
    }
  }

  @Test(arguments: bases)
  func `The written model has the numbers of the ridge regression`(base: String) throws {
    var training = SmallTraining(base, .probe)
    training.steps = nil
    training.training = SmallTraining.texts(20).enumerated().map { index, item in
      .value(item.text, value: Double(index % 7) - 2)
    }
    training.change = { $0.validation = .none }
    let folder = try OutputFolder()
    try training.run(folder.file("model"))
    let context = try training.context()
    let features = try features(context, passing: true)
    let targets = (0..<20).map { Float($0 % 7) - 2 }
    let regression = try RidgeRegression(features, targets: targets, pool: context.pool)
    let expected = regression.model.scores(features, pool: context.pool)
    let classifier = try Classifier(directory: folder.file("model"))
    for (row, item) in SmallTraining.texts(20).enumerated() {
      let found = Double(try classifier.classify(item.text).logits[0])
      #expect(abs(found - expected[row]) <= 1e-3)
    }
  }

  @Test(arguments: bases)
  func `The written model has a regression for each of several labels`(base: String) throws {
    var training = SmallTraining(base, .probe)
    training.steps = nil
    training.training = SmallTraining.texts(24, Self.three).enumerated().map { index, item in
      .multiLabel(item.text, labels: index % 4 == 0 ? [item.label, "fun"] : [item.label])
    }
    training.validation = Array(training.training.prefix(6)).map { example in
      guard case .multiLabel(let text, _, let labels) = example else { return example }
      return .multiLabel("the " + text, labels: labels)
    }
    let folder = try OutputFolder()
    var events: [TrainingEvent] = []
    let outcome = try TrainingSession(training.request(folder.file("model")))
      .run(unless: .never) { events.append($0) }
    guard case .multiLabel(let metrics) = outcome.evaluation else {
      Issue.record("no metrics of several labels")
      return
    }
    #expect(metrics.rows == 6 && outcome.summary.best?.validationLoss != nil)
    let names = events.map { event in
      switch event {
      case .planned: "planned"
      case .evaluated: "evaluated"
      case .finished: "finished"
      default: "other"
      }
    }
    #expect(names == ["planned", "evaluated", "finished"])
    let context = try training.context()
    let data = context.data.training
    let features = try features(context, passing: true)
    let regression = try LogisticRegression(
      features, labels: (0..<data.count).flatMap { data.labelFlags(of: $0) }, labelCount: 4,
      pool: context.pool)
    let expected = regression.probabilities(features, pool: context.pool)
    let classifier = try Classifier(directory: folder.file("model"))
    for (row, item) in SmallTraining.texts(24, Self.three).enumerated() {
      for score in try classifier.classify(item.text).scores {
        let label = try #require(data.labels.firstIndex(of: score.label))
        #expect(abs(Double(score.score) - expected[row * 4 + label]) <= 1e-3)
      }
    }
  }

  @Test func `The body of the base is written unchanged, on any number of threads`() throws {
    let folder = try OutputFolder()
    for base in Self.bases {
      let name = String(base.dropFirst("checkpoints/".count))
      var training = SmallTraining(base, .probe)
      training.steps = nil
      for threads in 1...2 {
        training.threads = threads
        try training.run(folder.file("\(name)-\(threads)"))
      }
      let file = "model.safetensors"
      #expect(try folder.data("\(name)-1/\(file)") == folder.data("\(name)-2/\(file)"))
      let before = try CheckpointTensors(TrainingFixtures.path(base)).values
      let after = try CheckpointTensors(folder.file("\(name)-1")).values
      for (tensor, values) in before { #expect(after[tensor] == values, "\(tensor)") }
    }
  }

  @Test(arguments: [
    ("checkpoints/bert-bare", true), ("checkpoints/bert-without-pooler", false),
    ("checkpoints/bare", false), ("heads/bert-embed-mean", false),
  ])
  func `Features pass the pooler of a BERT that is not a sentence model`(
    base: String, isPooled: Bool
  ) throws {
    let context = try SmallTraining(base, .probe).context()
    #expect(try FeatureEncoder(context).isPooled == isPooled)
  }

  @Test func `Weights of the labels change the regression as in scikit-learn`() throws {
    let folder = try OutputFolder()
    var training = SmallTraining("checkpoints/bare", .probe)
    training.steps = nil
    training.training = Array(
      SmallTraining.examples(30).enumerated().filter {
        $0.offset % 2 == 0 || $0.offset < 10
      }.map(\.element))
    training.change = { $0.options.classWeights = .balanced }
    try training.run(folder.file("balanced"))
    training.change = { $0.options.classWeights = .values([2.0 / 3, 2]) }
    try training.run(folder.file("values"))
    training.change = { _ in }
    try training.run(folder.file("none"))
    let file = "model.safetensors"
    // 15 and 5 of 20 rows: 20 / (2 * 15) and 20 / (2 * 5).
    let context = try training.context()
    #expect(context.data.summary.labelCounts?.counts == [15, 5])
    #expect(try folder.data("balanced/\(file)") != folder.data("none/\(file)"))
    let balanced = try CheckpointTensors(folder.file("balanced")).values["classifier.weight"] ?? []
    let values = try CheckpointTensors(folder.file("values")).values["classifier.weight"] ?? []
    #expect(zip(balanced, values).allSatisfy { abs($0 - $1) <= 1e-4 } && balanced.count == 60)
  }

  @Test func `What a probe can't do is refused`() throws {
    let folder = try OutputFolder()
    var training = SmallTraining("checkpoints/bare", .probe)
    training.steps = nil
    training.change = { $0.resumes = true }
    #expect(throws: TrainingError.self) { try training.run(folder.file("model")) }
    training.change = { _ in }
    training.training = [
      .words(["a", "cat"], tags: ["O", "B-X"]), .words(["the", "cat"], tags: ["O", "B-X"]),
    ]
    training.validation = training.training
    training.change = { $0.validation = .none }
    #expect(throws: TrainingError.self) { try training.run(folder.file("model")) }
  }
}
