import SwiftletEncoder
import SwiftletSystem
import Testing

@testable import SwiftletTraining

@Suite struct `Evaluations of a training` {
  /// A training with an evaluation for each value.
  private func training(_ values: [Double], patience: Int? = nil) throws -> MockTraining {
    let training = try MockTraining()
    training.options.evaluateEvery = .steps(2)
    training.options.maxSteps = 2 * values.count
    training.options.patience = patience
    training.prescribe(values)
    return training
  }

  @Test func `the best weights are kept, and their number is evaluated again`() throws {
    let training = try training([0.4, 0.7, 0.7, 0.6])
    var weights: [Int: [Float]] = [:]
    training.onEvent = { event in
      if case .step(let report) = event { weights[report.step] = training.network.weights }
    }
    let passes = training.network.passes
    let summary = try training.run()
    #expect(summary.best?.step == 4 && summary.best?.value == 0.7)
    #expect(training.network.weights == weights[4])
    #expect(training.store.last?.weights == weights[8])
    #expect(training.evaluations.map(\.isBest) == [true, true, false, false])
    #expect(training.saves.map(\.kind) == [.best, .last, .best, .last, .last, .last])
    #expect(training.store.best.keys.sorted() == [4])
    #expect(training.network.passes > passes)
  }

  @Test(arguments: [[0.4, 0.7, 0.7, 0.6], [0.4, 0.7], [.nan, .nan]])
  func `a run knows the evaluation of the weights that it leaves`(values: [Double]) throws {
    let training = try training(values)
    let run = try training.makeRun()
    #expect(run.result == nil)
    let summary = try run.run()
    let value = try #require(run.result).value(of: .accuracy)
    #expect(summary.best.map { $0.value == value } ?? value.isNaN)
  }

  @Test func `weights of a cancelled step have no evaluation`() throws {
    let training = try training([0.4, 0.7])
    training.onEvent = { event in
      if case .step(let report) = event, report.step == 3 { training.cancellation.cancel() }
    }
    let run = try training.makeRun()
    #expect(try run.run().reason == .cancelled && run.result == nil)
  }

  @Test func `best weights that changed on the disk are an error`() throws {
    let training = try MockTraining()
    training.options.metric = .loss
    training.options.epochs = 20
    training.options.learningRate = 0.5
    training.store.damage = 3
    let error = #expect(throws: TrainingFailure.self) { try training.run() }
    guard case .bestChanged(let step, let metric, let saved, let reloaded)? = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(metric == "loss" && saved != reloaded)
    #expect(training.state.best?.step == step && training.state.best?.value == saved)
  }

  @Test(arguments: [(Metric.accuracy, 3), (.loss, 2)])
  func `the direction of the metric decides what is best`(metric: Metric, best: Int) throws {
    let training = try MockTraining()
    training.options.metric = metric
    training.options.epochs = 12
    training.prescribe((0..<12).map { Double($0 % 4) })
    let summary = try training.run()
    let values = training.evaluations.map(\.value)
    let expected = metric == .loss ? values.min() : values.max()
    #expect(summary.best?.value == expected)
    let firstBest = values.firstIndex { $0 == expected }
    #expect(summary.best?.step == firstBest.map { 6 * ($0 + 1) })
    if metric == .accuracy { #expect(summary.best?.step == 6 * (best + 1)) }
  }

  @Test func `early stopping counts evaluations without a gain`() throws {
    let training = try training([0.5, 0.4, 0.6, 0.6, 0.5, 0.9], patience: 2)
    let summary = try training.run()
    #expect(summary.reason == .earlyStopping && summary.step == 10)
    #expect(summary.best?.step == 6)
  }

  @Test func `a gain below the least one is the best but does not reset patience`() throws {
    let training = try training([0.5, 0.52, 0.54, 0.56, 0.9], patience: 3)
    training.options.minimumGain = 0.03
    let summary = try training.run()
    #expect(summary.reason == .earlyStopping && summary.step == 8)
    #expect(summary.best?.value == 0.56)
  }

  @Test func `an undefined metric is a warning and never the best`() throws {
    let training = try training([.nan, 0.2, .nan])
    let summary = try training.run()
    #expect(summary.best?.step == 4)
    #expect(
      training.warnings.filter { $0 != .highLearningRate(0.02) }.map(\.description).count == 2)
    #expect(training.warnings.contains(.undefinedMetric(name: "accuracy", step: 6)))
    let undefined = try MockTraining()
    undefined.options.epochs = 1
    undefined.prescribe([.nan])
    #expect(try undefined.run().best == nil)
  }

  @Test func `a metric that the task does not have is an error before the first pass`() throws {
    let training = try MockTraining()
    training.options.metric = .pearson
    let error = #expect(throws: TrainingError.self) { try training.run() }
    #expect(
      error
        == .invalidOption(
          name: "--metric",
          reason: "is pearson, which this task does not have; it has accuracy, loss")
    )
    #expect(training.network.passes == 0 && training.events.isEmpty)
  }

  @Test func `a metric or patience without validation examples is an error`() throws {
    for set in [
      { (options: inout TrainingOptions) in options.metric = .accuracy },
      { options in options.patience = 2 },
    ] {
      let training = try MockTraining()
      training.validation = nil
      set(&training.options)
      #expect(throws: TrainingError.self) { try training.run() }
    }
  }

  @Test func `the validation loss is the mean of its batches, weighted by examples`() throws {
    let training = try MockTraining()
    training.network.dropout = 0.5
    training.validation?.labels[2] = -1
    for row in 5..<10 { training.validation?.labels[row] = -1 }
    let validation = try #require(training.validation)
    let run = try training.makeRun()
    let result = try run.runner.evaluate(validation, batchSize: 5)
    func part(_ rows: Range<Int>) throws -> Double {
      let part = MockObjective(
        texts: Array(validation.texts[rows]), labels: Array(validation.labels[rows]))
      return try #require(try run.runner.evaluate(part, batchSize: 5).loss)
    }
    let expected = try (part(0..<5) * 5 + part(10..<13) * 3) / 8
    #expect(result.loss == expected)
    let none = MockObjective(texts: [[1]], labels: [-1])
    #expect(try run.runner.evaluate(none, batchSize: 5).loss == nil)
  }

  @Test(
    .enabled(if: ProcessArguments.isEveryTest, "scripts/test --all runs it"),
    .timeLimit(.minutes(10)))
  func `the memory of an evaluation does not grow with its rows`() async {
    // In a process of its own, as other tests allocate at the same time.
    await #expect(processExitsWith: .success) {
      let training = try MockTraining()
      let run = try training.makeRun()
      let rows = MockTraining.rows(200_000, seed: 3)
      let part = MockTraining.rows(2000, seed: 3)
      _ = try run.runner.evaluate(part, batchSize: 32)
      let early = try #require(ResidentMemory.bytes())
      _ = try run.runner.evaluate(rows, batchSize: 32)
      let late = try #require(ResidentMemory.bytes())
      try #require(late - early < 1 << 20)
    }
  }

  @Test func `counts of classes and entities take the same memory for any number of rows`() {
    var classes = ClassificationCounter(labels: ["a", "b"])
    var entities = TokenClassificationCounter(labels: ["O", "B-X", "I-X"])
    var answers = AnswerCounter(allowsNoAnswer: true)
    for row in 0..<2000 {
      classes.add(logits: [Float(row % 3), 1], label: row % 2)
      entities.add(predicted: [1, 2, 0], truth: [1, 0, row % 3])
      answers.add(prediction: "a \(row % 7)", answers: ["a 3"])
    }
    // Nothing in them is an array of rows.
    for counter in [classes, entities, answers] as [Any] {
      #expect(Self.elements(of: counter) < 200)
    }
  }

  /// The number of values in a value and all that it holds.
  private static func elements(of value: Any) -> Int {
    Mirror(reflecting: value).children.reduce(1) { $0 + elements(of: $1.value) }
  }

  @Test func `predictions of one label are a warning`() throws {
    let training = try MockTraining()
    training.options.epochs = 1
    training.options.learningRate = 1e-9
    // The bias of the second label.
    training.network.weights[31] = 50
    try training.run()
    #expect(training.warnings == [.collapsedPredictions(label: "label 1", step: 6)])
  }

  @Test func `without validation examples the last weights are the result`() throws {
    let training = try MockTraining()
    training.validation = nil
    let summary = try training.run()
    #expect(summary.best == nil && training.evaluations.isEmpty)
    #expect(training.saves.map(\.step) == [6, 12, 18])
    #expect(training.store.last?.weights == training.network.weights)
  }

  @Test func `checkpoints are written at evaluations and every so many steps`() throws {
    let training = try MockTraining()
    training.options.saveEvery = 4
    training.options.epochs = 2
    training.prescribe([0.5, 0.4])
    try training.run()
    #expect(training.saves.filter { $0.kind == .last }.map(\.step) == [4, 6, 8, 12])
    #expect(training.saves.filter { $0.kind == .best }.map(\.step) == [6])
  }
}
