import Foundation
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletTokenizer
import Testing

@testable import SwiftletTraining

/// What the written folder has of the training.
@Suite struct TrainedModelTests {
  private typealias Training = TaskTraining<SequenceClassificationHead, ClassificationObjective>

  private func training(
    _ context: TrainingContext, load: @escaping Training.LoadModel
  ) throws -> Training {
    let loss = CrossEntropy()
    return try Training(
      context, objective: ClassificationObjective(context.data.training, loss: loss),
      validation: context.data.validation.map { ClassificationObjective($0, loss: loss) },
      load: load)
  }

  @Test(arguments: ["checkpoints/bare", "checkpoints/bert-bare"])
  func `The written classifier has the logits of the trained one, label by label`(
    base: String
  ) throws {
    let folder = try OutputFolder()
    var small = SmallTraining(base, .full)
    let labels = ["z", "a", "m"]
    small.training = SmallTraining.examples(24, labels: labels)
    small.validation = SmallTraining.texts(9, labels).map {
      .labeled("the " + $0.text, label: $0.label)
    }
    small.change = { $0.output = folder.file("model") }
    let context = try small.context()
    let training = try training(context, load: TrainingSession.loadSequenceHead)
    // The training itself releases it at its end.
    let network = training.network
    _ = try training.run(unless: .never) { _ in }
    let classifier = try Classifier(directory: folder.file("model"))
    #expect(classifier.labels == ["a", "m", "z"] && context.data.labels == classifier.labels)
    for text in SmallTraining.texts(9, labels).map(\.text) {
      var batch = PackedBatch()
      batch.append(context.base.tokenizer.encode(text).ids)
      let row = try network.forward(batch, step: 0, firstSequence: 0, training: false)
      let answer = try classifier.classify(text)
      for (index, logit) in answer.logits.enumerated() {
        #expect(abs(logit - row.row(0)[index]) <= 1e-5 * (1 + abs(logit)))
      }
      let best = answer.logits.indices.max { answer.logits[$0] < answer.logits[$1] } ?? 0
      #expect(answer.label == classifier.labels[best])
      #expect(answer.scores.first?.label == answer.label)
    }
  }

  @Test func `A folder that gives other answers than the trained model is an error`() throws {
    let folder = try OutputFolder()
    var small = SmallTraining("checkpoints/bare", .full)
    small.change = { $0.output = folder.file("model") }
    var loads = 0
    let training = try training(try small.context()) {
      (options, configuration, base) throws(CheckpointError) in
      loads += 1
      var options = options
      if loads > 1 {
        // As if the head had been lost on the way to the disk.
        options.setup = TrainingSetup(
          trains: { _ in false }, isNew: { $0.name.hasPrefix("classifier.") }
        ) { _, values in values.update(repeating: 0.5) }
      }
      return try TrainingSession.loadSequenceHead(options, configuration, base)
    }
    let error = #expect(throws: TrainingError.self) {
      try training.run(unless: .never) { _ in }
    }
    #expect(loads == 2 && error?.description.contains("gives other answers") == true)
  }

  @Test func `The output is the best model and not the last one, and its numbers are its own`()
    throws
  {
    let folder = try OutputFolder()
    var small = SmallTraining("checkpoints/bare", .full)
    // The validation rows contradict the training, so that their loss rises.
    let rows = SmallTraining.texts(12).map {
      (text: $0.text, label: $0.label == "bad" ? "good" : "bad")
    }
    small.validation = rows.map { .labeled($0.text + " fun", label: $0.label) }
    small.steps = 24
    small.change = {
      $0.options.metric = .loss
      $0.options.evaluateEvery = .steps(2)
    }
    let outcome = try small.run(folder.file("model"))
    let best = try #require(outcome.summary.best)
    #expect(best.step < 24 && outcome.history.last?.step == 24)
    #expect(best.value == outcome.history.map(\.value).min())
    #expect(outcome.evaluation?.metrics.loss == best.value)
    let report = try folder.object("model/training.json")
    #expect(report["best_step"] as? Int == best.step)
    let classifier = try Classifier(directory: folder.file("model"))
    let loss = try rows.reduce(0.0) { sum, row in
      let answer = try classifier.classify(row.text + " fun")
      let score = answer.scores.first { $0.label == row.label }?.score ?? 0
      return sum - log(Double(score)) / Double(rows.count)
    }
    #expect(abs(loss - best.value) < 1e-4)
  }

  @Test(arguments: SessionCase.all)
  func `Every tensor of the model changes in a step`(item: SessionCase) throws {
    let folder = try OutputFolder()
    func values(_ steps: Int) throws -> CheckpointTensors {
      var request = try item.request(folder, output: "model-\(steps)")
      (request.options.epochs, request.options.maxSteps) = (3, steps)
      (request.options.warmup, request.options.dropout) = (0, 0)
      request.validation = .none
      _ = try TrainingSession(request).run()
      return try CheckpointTensors(folder.file("model-\(steps)"))
    }
    let (first, second) = (try values(1), try values(2))
    let configuration = try ModelConfiguration(path: folder.file("model-1/config.json"))
    let names = configuration.parameters(head: item.task.head).map(\.savedName)
    #expect(names.count > 20)
    for name in Set(names).sorted() {
      // The softmax ignores a shift of the keys, and one of all choices.
      if name.hasSuffix("key.bias") || name.hasSuffix("k_lin.bias") { continue }
      if item.task == .choices, name == "classifier.bias" { continue }
      let (before, after) = (first.values[name], second.values[name])
      #expect(before != nil && before != after, "\(name)")
    }
  }

  @Test func `Scores of any scale train the same embeddings`() throws {
    let folder = try OutputFolder()
    var weights: [Data] = []
    for scale in [1.0, 5] {
      let pairs = (0..<24).map { number in
        TrainingExample.similar(
          ["the film was good \(number % 4)", "the movie was bad \(number % 7)"],
          score: Double(number % 6) / 5 * scale)
      }
      let small = SmallTraining("heads/embed-mean", .full)
      var request = small.request(folder.file("scale-\(scale)"))
      (request.training, request.validation) = (.examples(pairs), .share(0.25, seed: 1))
      let outcome = try TrainingSession(request).run()
      #expect(outcome.evaluation?.metrics.value(of: .spearman)?.isFinite == true)
      weights.append(try folder.data("scale-\(scale)/model.safetensors"))
    }
    #expect(weights[0] == weights[1])
  }

  @Test func `Balanced weights are those of scikit-learn, and of torch for several labels`() throws
  {
    var small = SmallTraining("checkpoints/bare", .full)
    small.training = (0..<12).map { .labeled("film \($0)", label: $0 < 9 ? "a" : "b") }
    small.validation = [.labeled("plot", label: "a")]
    small.change = { $0.options.classWeights = .balanced }
    // 12 / (2 · 9) and 12 / (2 · 3)
    #expect(try small.context().classWeights() == [Float(12.0 / 18), 2])
    small.training = (0..<12).map {
      .multiLabel("film \($0)", labels: $0 < 9 ? ["a"] : ["a", "b"])
    }
    small.validation = [.multiLabel("plot", labels: ["a"])]
    // Rows without the label by rows with it, as the documentation of BCEWithLogitsLoss has it.
    #expect(try small.context().classWeights() == [0, 3])
  }

  @Test func `Each kind of entity has its scores in the report and in the card`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[3].request(folder)
    request.options.epochs = 6
    let outcome = try TrainingSession(request).run()
    guard case .tokens(let metrics)? = outcome.evaluation else {
      Issue.record("expected metrics of a tagger")
      return
    }
    let report = try folder.object("model/training.json")
    let entities = try #require(report["entities"] as? [[String: Any]])
    #expect(entities.map { $0["kind"] as? String } == ["F", "Q"])
    #expect(entities.map { $0["f1"] as? Double } == metrics.perKind.map(\.f1))
    #expect(entities.allSatisfy { $0["count"] as? Int == 12 })
    let card = String(decoding: try folder.data("model/README.md"), as: UTF8.self)
    #expect(card.contains("| kind | validation entities | precision | recall | F1 |"))
  }

  @Test func `Only a command that shows the time computes a step for it`() throws {
    let small = SmallTraining("checkpoints/bare", .full)
    for timesPlan in [false, true] {
      var request = small.request(nil)
      request.timesPlan = timesPlan
      var plans: [TrainingPlan] = []
      _ = try TrainingSession(request).run { event in
        if case .planned(let plan) = event { plans.append(plan) }
      }
      #expect(plans.count == 1 && (plans[0].seconds != nil) == timesPlan)
    }
    #expect(try TrainingSession(small.request(nil)).plan().seconds != nil)
  }

  @Test func `A probe that is cancelled writes nothing and says so`() throws {
    let folder = try OutputFolder()
    let cancellation = Cancellation()
    cancellation.cancel()
    let small = SmallTraining("checkpoints/bare", .probe)
    var request = small.request(folder.file("model"))
    request.options.maxSteps = nil
    request.options.batchSize = 16
    let outcome = try TrainingSession(request).run(unless: cancellation)
    #expect(outcome.summary.description == "cancelled; nothing was written")
    #expect(try folder.contents(of: "").isEmpty)
    let error = TrainingError.cancelled(step: 0, total: 0)
    #expect(error.description == "cancelled before the first step; nothing was written")
  }
}
