import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletRuntime
import Testing

@testable import SwiftletTraining

/// The derivative of the whole loss along a random direction of each tensor, against central differences.
@Suite struct `The gradient of a distillation` {
  struct Case: Sendable, CustomTestStringConvertible {
    let teacher: String
    let task: TrainingTask
    var alpha = 0.5
    var temperature = 2.0
    var hiddenWeight = 0.0

    var testDescription: String { "\(task) alpha \(alpha) hidden \(hiddenWeight)" }
  }

  static let cases = [
    Case(teacher: DistillationSample.bert, task: .classification),
    Case(teacher: DistillationSample.bert, task: .classification, alpha: 1, temperature: 3),
    Case(teacher: DistillationSample.distilBERT, task: .classification, hiddenWeight: 0.7),
    Case(teacher: DistillationSample.multiLabel, task: .multiLabel, temperature: 1.5),
    Case(teacher: DistillationSample.regression, task: .regression),
    Case(teacher: DistillationSample.tagger, task: .tokens, alpha: 1, hiddenWeight: 0.3),
  ]

  @Test(arguments: cases)
  func `It is that of finite differences`(item: Case) throws {
    switch item.task {
    case .multiLabel:
      try check(item, MultiLabelObjective(try data(item), loss: BinaryCrossEntropy()), sequence)
    case .regression: try check(item, RegressionObjective(try data(item)), sequence)
    case .tokens:
      try check(item, TokenObjective(try data(item), loss: CrossEntropy())) {
        try TrainableModel<TokenHead>(.tokenClassification, $0, $1, $2)
      }
    default:
      try check(item, ClassificationObjective(try data(item), loss: CrossEntropy()), sequence)
    }
  }

  private func sequence(
    _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    _ options: TrainableModelOptions
  ) throws -> TrainableModel<SequenceClassificationHead> {
    try TrainableModel(.sequenceClassification, configuration, checkpoint, options)
  }

  /// Texts of which some have a true label, with the teacher's answers.
  private func data(_ item: Case) throws -> EncodedDataset {
    let teacher = try Teacher(item.teacher, task: item.task)
    let texts = DistillationSample.texts(7)
    let examples: [TrainingExample] = texts.enumerated().map { index, text in
      guard index % 3 != 2 else { return .text(text) }
      switch item.task {
      case .classification: return .labeled(text, label: teacher.labels[index % 2])
      case .multiLabel: return .multiLabel(text, labels: Array(teacher.labels.prefix(index % 3)))
      case .regression: return .value(text, value: Double(index) - 2)
      default: return .text(text)
      }
    }
    var data = try PreparedData(
      training: .examples(examples), validation: .none,
      encoding: DataEncoding(
        tokenizer: teacher.files.tokenizer, configuration: teacher.files.configuration),
      task: item.task, baseLabels: teacher.labels, keepsUnlabelled: true
    ).training
    let engine = try teacher.logits(on: WorkerPool(threadCount: 1))
    data.attach(
      softLabels: try engine.rows(of: data, unless: .never) { _ in }, width: engine.width)
    return data
  }

  private func check<Head: TrainableHead, Base: DatasetObjective>(
    _ item: Case, _ base: Base,
    _ load: (ModelConfiguration, CheckpointReader, TrainableModelOptions) throws ->
      TrainableModel<Head>
  ) throws {
    let pool = WorkerPool(threadCount: 2)
    let teacher = try Teacher(item.teacher, task: item.task)
    let student = try DistillationSample.student(
      of: item.teacher, [0], .distilBERT, item.task)
    let initializer = GaussianInitializer(seed: 3, deviation: 0.2)
    let setup = TrainingSetup { initializer.initialize($0, $1) }
    let model = try load(
      student.configuration, student.checkpoint, TrainableModelOptions(setup: setup, pool: pool))
    let hidden =
      item.hiddenWeight > 0
      ? try HiddenStates(weight: item.hiddenWeight, try teacher.hiddenRows(on: pool)) : nil
    let objective = DistillationObjective(
      base, try #require(base.data.softLabels),
      soft: SoftLoss(item.task, temperature: item.temperature), alpha: item.alpha, hidden: hidden)
    let network = ModelNetwork(
      model, dropout: DropoutRates(.distilBERT, all: 0), seed: 0, hidden: hidden)
    // Several passes, so that each term has the divisor of the whole group.
    let runner = try GroupRunner<ModelNetwork<Head>, DistillationObjective<Base>>(
      network, budget: 20, cancellation: .never)
    let group = ExampleGroup(
      examples: Array(0..<objective.exampleCount), epoch: 0, step: 0, isTraining: true)
    func loss() throws -> Double {
      network.clearGradients()
      return try runner.addGradients(
        of: group, objective, normalizer: objective.normalizer(of: group))
    }
    #expect(try loss() > 0)
    model.completeGradients()
    let gradients = model.tensors.map {
      Array(UnsafeBufferPointer(start: $0.gradients, count: $0.count))
    }
    for (tensor, gradient) in zip(model.tensors, gradients) {
      let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      // Along the gradient, its norm is the derivative.
      guard norm > 1e-4 else { continue }
      let saved = Array(UnsafeBufferPointer(start: tensor.values, count: tensor.count))
      func moved(by distance: Double) throws -> Double {
        for index in 0..<tensor.count {
          tensor.values[index] =
            saved[index] + Float(distance * Double(gradient[index]) / norm)
        }
        model.packAgain()
        return try loss()
      }
      let step = 4e-3
      let slope = (try moved(by: step) - moved(by: -step)) / (2 * step)
      _ = try moved(by: 0)
      let name = tensor.parameters[0].name
      #expect(abs(slope - norm) <= 0.02 * norm + 5e-4, "\(name): \(slope), expected \(norm)")
    }
  }

  @Test func `The soft loss of several labels is torch's`() {
    // torch: T² (BCE(s / T, σ(t / T)) - BCE(t / T, σ(t / T))), mean over rows and labels, for T = 2
    let (student, teacher): ([Float], [Float]) = ([0.5, -1, 2, 0], [1, 1, -0.5, 0.25])
    var (input, target, slopes) = (student, teacher, [Float](repeating: 0, count: 4))
    let loss = SoftLoss.labels(temperature: 2)(
      student: Matrix(&input, rows: 2, columns: 2), teacher: Matrix(&target, rows: 2, columns: 2),
      normalizer: 2, gradient: Matrix(&slopes, rows: 2, columns: 2))
    #expect(abs(loss - 0.3219288104) < 1e-7)
    let expected: [Float] = [-0.03014142, -0.12245933, 0.14661754, -0.01560469]
    #expect(zip(slopes, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}
