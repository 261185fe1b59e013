import Foundation
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import Testing

@testable import SwiftletTraining

@Suite struct SetFitTrainingTests {
  private func training(_ base: String, threads: Int = 2) -> SmallTraining {
    var training = SmallTraining(base, .setfit)
    training.training = SmallTraining.examples(8)
    training.threads = threads
    return training
  }

  @Test(arguments: ["checkpoints/bare", "checkpoints/bert-bare"])
  func `A resumed training and another number of threads write the same bytes`(
    base: String
  ) throws {
    let folder = try OutputFolder()
    let outcome = try training(base).run(folder.file("whole"))
    try training(base, threads: 1).run(folder.file("one"))
    let reasons = try training(base).runInterrupted(folder.file("resumed"), after: 3)
    #expect(reasons == [.cancelled, .completed])
    let file = "model.safetensors"
    let whole = try folder.data("whole/\(file)")
    #expect(try folder.data("one/\(file)") == whole)
    #expect(try folder.data("resumed/\(file)") == whole)
    #expect(try folder.contents(of: "resumed").allSatisfy { !$0.hasPrefix("checkpoint") })
    guard case .classification(let metrics) = outcome.evaluation else {
      Issue.record("no metrics of a classifier")
      return
    }
    #expect(metrics.rows == 8)
    let before = try CheckpointTensors(TrainingFixtures.path(base)).values
    let after = try CheckpointTensors(folder.file("whole")).values
    let name = before.keys.sorted().first { $0.hasSuffix("layer.0.ffn.lin1.weight") }
    let changed = name ?? "encoder.layer.0.intermediate.dense.weight"
    #expect(after[changed] != before[changed] && after[changed]?.count == before[changed]?.count)
    #expect(try Classifier(directory: folder.file("whole")).labels.count == 2)
  }

  @Test func `Tuned embeddings of one label are nearer than those of two`() throws {
    var training = training("checkpoints/bare")
    training.steps = 60
    let context = try training.context()
    let pairs = PairObjective(context.data.training, limit: nil, seed: 1)
    let tuning = try TaskTraining<SentenceHead, PairObjective>(
      context, objective: pairs, validation: nil
    ) { (options, configuration, base) throws(CheckpointError) in
      try TrainableModel(firstTokenOf: configuration, base.checkpoint, options)
    }
    func loss() throws -> Double {
      let runner = try GroupRunner<ModelNetwork<SentenceHead>, PairObjective>(
        tuning.network, budget: 1024, cancellation: Cancellation.never)
      return try runner.evaluate(pairs, batchSize: 16).loss ?? .nan
    }
    let before = try loss()
    _ = try tuning.train(unless: .never) { _ in }
    #expect(try loss() < 0.5 * before)
  }

  @Test func `All pairs of a label and as many of two labels are trained on once`() throws {
    var training = training("checkpoints/bare")
    training.steps = nil
    training.training = SmallTraining.examples(6)
    training.change = { $0.options.learningRate = TrainingOptions(method: .setfit).learningRate }
    let request = training.request(nil)
    #expect(request.options.epochs == 1 && request.options.learningRate == 2e-5)
    let plan = try TrainingSession(request).plan(unless: .never)
    // Two labels of three rows: 2 * 6 pairs with themselves included, and 9 of two labels.
    #expect(plan.examples == 24 && plan.totalSteps == 6)
  }

  @Test func `The plan and the events have the metric and the evaluation of the last part`() throws
  {
    let session = try TrainingSession(training("checkpoints/bare").request(nil))
    var plans = [try session.plan()]
    var records: [EvaluationRecord] = []
    let outcome = try session.run { event in
      if case .planned(let plan) = event { plans.append(plan) }
      if case .evaluated(let record) = event { records.append(record) }
    }
    #expect(plans.count == 2)
    for plan in plans {
      #expect(plan.metric == .accuracy && plan.evaluations == 1 && plan.validationExamples == 8)
      #expect(plan.validationTokens > 0)
    }
    #expect(records.count == 1 && records[0] == outcome.summary.best)
  }

  @Test func `More pairs than a training can use need a number of steps`() throws {
    var training = training("checkpoints/bare")
    training.training = (0..<2400).map {
      .labeled("\($0 % 2 == 0 ? "good" : "bad") film \($0)", label: "\($0 % 2)")
    }
    training.change = { $0.validation = .none }
    #expect(try TrainingSession(training.request(nil)).plan(unless: .never).examples == 24)
    training.steps = nil
    do throws(TrainingError) {
      _ = try TrainingSession(training.request(nil))
      Issue.record("2,882,400 pairs were accepted")
    } catch {
      #expect(error.description.contains("--max-steps") && error.description.contains("2882400"))
    }
  }

  @Test func `The largest counts of steps and batches make a plan`() throws {
    var training = training("checkpoints/bare")
    training.steps = Int(Int32.max)
    training.change = {
      ($0.options.batchSize, $0.options.gradientAccumulation) = (65_536, 65_536)
    }
    let plan = try TrainingSession(training.request(nil)).plan()
    #expect(plan.totalSteps == Int(Int32.max) && plan.stepsPerEpoch == 1)
  }

  @Test func `Numbers are refused`() throws {
    var training = training("checkpoints/bare")
    training.training = (0..<8).map { .value("good film \($0)", value: Double($0) / 3) }
    training.change = { $0.validation = .none }
    #expect(throws: TrainingError.self) { try training.run(nil) }
  }
}
