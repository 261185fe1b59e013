import Foundation
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletRuntime
import Testing

@testable import SwiftletTraining

@Suite struct TrainingMemoryTests {
  private typealias Training = TaskTraining<SequenceClassificationHead, ClassificationObjective>

  private func training(
    _ small: SmallTraining, output: String? = nil
  ) throws -> Training {
    var small = small
    let change = small.change
    small.change = {
      change(&$0)
      $0.output = output
    }
    let context = try small.context()
    func objective(_ data: EncodedDataset) -> ClassificationObjective {
      ClassificationObjective(data, loss: CrossEntropy())
    }
    return try Training(
      context, objective: objective(context.data.training),
      validation: context.data.validation.map(objective), load: TrainingSession.loadSequenceHead)
  }

  @Test func `Evaluations after the training have the passes of the limit`() throws {
    var small = SmallTraining("checkpoints/bert", .full)
    let free = try training(small)
    #expect(free.passTokens == PassCut.usualTokens)
    let limit = free.network.bytes(forTokens: 640)
    small.change = { $0.options.maxMemory = limit }
    let limited = try training(small)
    let plan = try limited.plan(unless: .never)
    #expect(plan.memory <= limit && plan.passTokens < PassCut.usualTokens && !plan.recomputes)
    #expect(limited.passTokens == plan.passTokens)
  }

  @Test func `The trained model is released before the written one is checked`() throws {
    let folder = try OutputFolder()
    let training = try training(
      SmallTraining("checkpoints/bert", .full), output: folder.file("model"))
    let trained = Weak(network: training.network)
    #expect(trained.network != nil)
    #expect(try training.run(unless: .never) { _ in }.summary.reason == .completed)
    #expect(trained.network == nil)
  }

  private struct Weak {
    weak var network: ModelNetwork<SequenceClassificationHead>?
  }

  @Test func `Without an output the best weights in memory count`() throws {
    let folder = try OutputFolder()
    let small = SmallTraining("checkpoints/bert", .full)
    let kept = try training(small)
    let written = try training(small, output: folder.file("model"))
    let copy = 4 * kept.network.trainedTensors.reduce(0) { $0 + $1.count }
    let plans = try (kept.plan(unless: .never), written.plan(unless: .never))
    #expect(plans.0.memory == plans.1.memory + copy)
  }

  @Test(arguments: SessionCase.all)
  func `A limit that needs activations computed again gives the same bytes`(
    item: SessionCase
  ) throws {
    let folder = try OutputFolder()
    _ = try TrainingSession(try item.request(folder, output: "free")).run()
    var request = try item.request(folder, output: "small")
    request.options.maxMemory = 1
    let error = #expect(throws: TrainingError.self) { try TrainingSession(request).plan() }
    // The least memory, which the error names, has no room for the activations of all layers.
    let text = try #require(error).description
    let match = try #require(try #/needs (\d+) for its longest/#.firstMatch(in: text))
    request.options.maxMemory = Int(match.1)
    var plan: TrainingPlan?
    _ = try TrainingSession(request).run { if case .planned(let found) = $0 { plan = found } }
    #expect(plan?.recomputes == true)
    #expect(plan.map { $0.memory <= request.options.maxMemory ?? 0 } == true)
    #expect(
      try folder.data("small/model.safetensors") == folder.data("free/model.safetensors"))
  }

  @Test func `A masked model's memory has the output and all copies of the tied decoder`() throws {
    let base = try BaseModel(TrainingFixtures.path("heads/bert-mask"), embeds: false)
    let model = try TrainableModel<MaskedLanguageHead>(
      maskID: 4, base.configuration, base.checkpoint,
      TrainableModelOptions(
        setup: TrainingSetup { _, _ in }, pool: WorkerPool(threadCount: 1)))
    let (words, width) = (base.configuration.vocabularySize, base.configuration.hiddenSize)
    // Values and gradients; the decoder's own gradient, its packed weights, and these transposed.
    #expect(model.weightBytes >= 4 * (2 * model.parameterCount + 3 * words * width))
    let guesses = GuessedTokens(rate: 0.15)
    let rows = guesses.rows(forTokens: 1024)
    #expect(rows > 154 && rows < 256 && guesses.rows(forTokens: 3) == 3)
    let network = ModelNetwork(
      model, dropout: base.configuration.dropout, seed: 1, guesses: guesses)
    let moments = 8 * model.tensors.reduce(0) { $0 + $1.count }
    let empty = model.passBytes(tokens: 1024, rows: 0, recomputing: false)
    #expect(
      network.bytes(forTokens: 1024) >= model.weightBytes + moments + empty + 4 * 4 * rows * words)
  }

  @Test func `Passes that compute activations again take less memory`() throws {
    let network = try training(SmallTraining("checkpoints/bert", .full)).network
    let kept = network.bytes(forTokens: 1024)
    let recomputed = network.bytes(forTokens: 1024, recomputing: true)
    #expect(recomputed < kept)
    network.recomputes = true
    #expect(network.bytes(forTokens: 1024) == recomputed)
  }

  @Test func `SetFit leaves time for its second part`() throws {
    let context = try SmallTraining("checkpoints/bare", .setfit).context()
    func objective(_ data: EncodedDataset) -> ClassificationObjective {
      ClassificationObjective(data, loss: CrossEntropy())
    }
    let (training, validation) = (
      objective(context.data.training), try #require(context.data.validation.map(objective))
    )
    let work = SetFitTraining<ClassificationObjective>.laterWork(context, training, validation)
    #expect(work.tokens == training.tokenCount + 2 * validation.tokenCount)
    #expect(work.longestExample == max(training.longestExample, validation.longestExample))
    let written = LaterWork(
      SmallTraining("checkpoints/bare", .setfit).request("model"), validation: validation,
      parameters: 1000)
    #expect(written.tokens == validation.tokenCount && written.writtenBytes == 4000)
  }
}
