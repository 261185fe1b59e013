import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem

/// What a training needs beside the objective of its task.
struct TrainingContext {
  let request: TrainingRequest
  let base: BaseModel
  let data: PreparedData
  /// The base's configuration with the labels and the kind of the new head.
  let configuration: ModelConfiguration
  /// The names of parameters that get new values.
  let newNames: Set<String>
  let groups: ParameterGroups
  let pool: WorkerPool
  /// The teacher's part; nil in a training without a teacher.
  var distillation: DistillationContext?

  /// The arguments that decide about the weights, the data and the models that are read.
  ///
  /// - Throws: ``TrainingError/unreadable(reason:)`` if a model's `config.json` can't be read any more.
  func state() throws(TrainingError) -> TrainingState {
    let free: Set = ["threads", "max-memory", "time-limit", "save-every", "log-every"]
    var state = TrainingState()
    state.arguments = [.init("task", data.task.rawValue)]
    state.arguments += request.options.arguments.filter { !free.contains($0.name) }
      .map { .init($0.name, $0.value) }
    state.arguments += distillation?.facts.arguments ?? []
    var digest = MessageDigest<SHA256>()
    // The texts that answers to questions are compared with are not among the tokens.
    for file in data.summary.files { digest.update(file.sha256) }
    data.training.addFingerprint(to: &digest)
    data.validation?.addFingerprint(to: &digest)
    state.dataFingerprint = digest.finish()
    state.baseFingerprint = try base.fingerprint
    state.teacherFingerprint = distillation?.teacherFingerprint
    return state
  }
}

/// A training of any task.
protocol RunnableTraining: AnyObject {
  func plan(unless cancellation: Cancellation) throws -> TrainingPlan
  func run(
    unless cancellation: Cancellation, report: @escaping (TrainingEvent) -> Void
  ) throws -> TrainingOutcome
}

/// The training of one head with one objective.
final class TaskTraining<Head: TrainableHead, Objective: TrainingObjective>: RunnableTraining {
  /// Loads the weights of a model with a configuration, which may have another head.
  typealias LoadModel = (TrainableModelOptions, ModelConfiguration, BaseModel)
    throws(CheckpointError) -> TrainableModel<Head>

  let context: TrainingContext
  let network: ModelNetwork<Head>
  private let optimizer: ModelOptimizer
  private let objective: Objective
  let validation: Objective?
  private let load: LoadModel
  private let guesses: GuessedTokens?

  /// Loads the model with `load`. A masked language model's objective and network share `guesses`.
  ///
  /// - Throws: ``TrainingError`` for a damaged checkpoint, or if memory is refused.
  init(
    _ context: TrainingContext, objective: Objective, validation: Objective?,
    guesses: GuessedTokens? = nil, network: ModelNetwork<Head>? = nil, load: @escaping LoadModel
  ) throws(TrainingError) {
    let network = if let network { network } else { try Self.network(context, guesses, load) }
    self.network = network
    self.context = context
    self.objective = objective
    self.validation = validation
    self.load = load
    self.guesses = guesses
    var adamW = AdamWOptions()
    adamW.weightDecay = context.request.options.weightDecay
    do throws(MemoryError) {
      optimizer = try ModelOptimizer(
        network.trainedTensors,
        group: { network.adaptation?.group(of: $0) ?? context.groups.group(of: $0) },
        options: adamW, kernels: network.model.encoder.kernels.table, pool: context.pool
      ) { network.completeGradients() }
    } catch {
      throw .memory(bytes: error.bytes, purpose: error.purpose)
    }
  }

  func plan(unless cancellation: Cancellation) throws -> TrainingPlan {
    let run = try makeRun(makeStore(), cancellation) { _ in }
    return try run.timedPlan()
  }

  func run(
    unless cancellation: Cancellation, report: @escaping (TrainingEvent) -> Void
  ) throws -> TrainingOutcome {
    let (summary, state) = try train(unless: cancellation, report: report)
    guard summary.reason != .cancelled else {
      return TrainingOutcome(
        summary: summary, evaluation: nil, folder: nil, history: state.evaluations)
    }
    do {
      return try finish(summary, state, unless: cancellation)
    } catch is Interruption {
      throw TrainingError.cancelled(step: summary.step, total: summary.totalSteps)
    }
  }

  /// Trains to the best weights, or to the last ones if cancelled.
  func train(
    unless cancellation: Cancellation, report: @escaping (TrainingEvent) -> Void
  ) throws -> (TrainingSummary, LoopState) {
    let store = try makeStore()
    let run = try makeRun(store, cancellation, report)
    let saved = context.request.resumes ? try (store as? FolderStore)?.resume() : nil
    return (try run.run(from: saved), run.state)
  }

  /// Calibrates, writes and evaluates the model as it is now.
  func finish(
    _ summary: TrainingSummary, _ state: LoopState, unless cancellation: Cancellation
  ) throws -> TrainingOutcome {
    let calibration = try calibrate(unless: cancellation)
    let evaluation = try evaluate(network, unless: cancellation)
    if let output = context.request.output {
      try write(to: output, state, evaluation, summary, calibration)
      try check(output, evaluation)
    }
    return TrainingOutcome(
      summary: summary, evaluation: evaluation.flatMap { FinalEvaluation($0.metrics) },
      folder: context.request.output, history: state.evaluations)
  }

  private func makeStore() throws(TrainingError) -> any CheckpointStore {
    let network = network
    guard let output = context.request.output else {
      return MemoryStore(network.trainedTensors)
    }
    return FolderStore(
      CheckpointFolder(output: output), network.trainedTensors, optimizer,
      template: try context.state()
    ) { network.weightsDidChange() }
  }

  private func makeRun(
    _ store: any CheckpointStore, _ cancellation: Cancellation,
    _ report: @escaping (TrainingEvent) -> Void
  ) throws -> TrainingRun<ModelNetwork<Head>, Objective> {
    let order = EpochOrder(rows: objective.exampleCount, seed: context.request.options.seed)
    let options = context.request.options
    var lengths: [Int32] = []
    if options.groupByLength {
      lengths = (0..<objective.exampleCount).map { Int32(objective.tokenCount(of: $0)) }
    }
    var environment = TrainingEnvironment(
      order: { epoch in
        options.groupByLength
          ? order.lengthGroupedOrder(
            ofEpoch: epoch, lengths: lengths, batchSize: options.batchSize)
          : order.order(ofEpoch: epoch)
      }, store: store, report: report)
    environment.cancellation = cancellation
    environment.isPlanTimed = context.request.timesPlan
    return try TrainingRun(
      network, optimizer: optimizer, objective: objective, validation: validation,
      options: options, environment: environment)
  }

  // MARK: The result

  typealias Evaluation = EvaluationResult<Objective.Accumulator.Metrics>

  func evaluate(
    _ network: ModelNetwork<Head>, unless cancellation: Cancellation
  ) throws -> Evaluation? {
    guard let validation else { return nil }
    let runner = try GroupRunner<ModelNetwork<Head>, Objective>(
      network, budget: PassCut.usualTokens, cancellation: cancellation)
    return try runner.evaluate(
      validation, batchSize: context.request.options.evaluationBatchSize)
  }

  private func write(
    to output: String, _ state: LoopState, _ evaluation: Evaluation?, _ summary: TrainingSummary,
    _ calibration: FittedCalibration?
  ) throws(TrainingError) {
    let request = context.request
    let writer = try ModelFolderWriter(
      output: output, replacing: request.acceptsTrainedOutput, base: context.base.path)
    let values = TrainedValues(network.model.tensors, context.base.checkpoint)
    let model = TrainedModel(
      base: context.base.path, configuration: context.configuration,
      head: context.data.task.head,
      denseParameters: context.base.files.dense?.parameters ?? [], read: values.read)
    var report = TrainingReport(
      context, state, evaluation.flatMap { FinalEvaluation($0.metrics) },
      (validation ?? objective).metrics.first,
      summary)
    calibration?.complete(&report, evaluation?.metrics)
    let adapter =
      request.writesAdapter
      ? network.adaptation?.adapter(
        context.configuration, head: model.head, saving: network.wholeTensors,
        base: context.base.path) : nil
    try writer.write(
      model, report: report, adapter: adapter,
      // A larger time limit continues the training.
      keepsCheckpoint: request.keepsCheckpoint || summary.reason == .timeLimit)
  }

  /// Reads the written folder back, and compares its metrics with those of the trained model.
  private func check(_ output: String, _ expected: Evaluation?) throws {
    guard let expected else { return }
    let written = try BaseModel(output, embeds: context.data.task == .embeddings)
    let setup = TrainingSetup(trains: { _ in false }) { _, _ in }
    let model = try load(
      TrainableModelOptions(setup: setup, pool: context.pool), written.configuration, written)
    let network = ModelNetwork(
      model, dropout: context.configuration.dropout, seed: 0, guesses: guesses)
    // The checkpoint is gone, so a cancelled training could not continue from here.
    let found = try evaluate(network, unless: .never)
    guard found == expected else {
      throw TrainingError.unreadable(
        reason: "the model in \(output) gives other answers than the trained one: the files were "
          + "changed, or the disk is damaged; train again")
    }
  }
}

/// The values of a trained model by parameter: trained ones from memory, frozen ones from the base.
private struct TrainedValues: @unchecked Sendable {
  private var places: [String: (tensor: TrainedTensor, index: Int)] = [:]
  private let base: CheckpointReader

  init(_ tensors: [TrainedTensor], _ base: CheckpointReader) {
    self.base = base
    for tensor in tensors {
      for (index, parameter) in tensor.parameters.enumerated() {
        places[parameter.name] = (tensor, index)
      }
    }
  }

  func read(_ parameter: Parameter, _ target: UnsafeMutablePointer<Float>) {
    if let (tensor, index) = places[parameter.name] {
      return tensor.copy(index, from: tensor.values, into: target)
    }
    do throws(CheckpointError) {
      let count = parameter.shape.reduce(1, *)
      try base.tensor(parameter).readFloats(0..<count, into: target)
    } catch {
      stop("\(parameter.name) was read when the model was loaded")
    }
  }
}

extension FinalEvaluation {
  /// Nil for metrics of another kind.
  init?(_ metrics: some EvaluationMetrics) {
    switch metrics as any EvaluationMetrics {
    case let metrics as ClassificationMetrics: self = .classification(metrics)
    case let metrics as MultiLabelMetrics: self = .multiLabel(metrics)
    case let metrics as RegressionMetrics: self = .regression(metrics)
    case let metrics as TokenClassificationMetrics: self = .tokens(metrics)
    case let metrics as AnswerMetrics: self = .questions(metrics)
    case let metrics as ChoiceMetrics: self = .choices(metrics)
    case let metrics as SimilarityMetrics: self = .similarity(metrics)
    default: return nil
    }
  }
}
