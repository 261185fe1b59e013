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

  /// The bytes of the largest tensor, which is in memory as floats while it is written or read.
  var largestTensorBytes: Int {
    let counts = configuration.parameters(head: data.task.head).map { $0.shape.reduce(1, *) }
    return 4 * (counts.max() ?? 0)
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
  /// Nil after ``release()``.
  private var liveNetwork: ModelNetwork<Head>?
  /// Nil once the weights are trained, so that the moments are released.
  private var optimizer: ModelOptimizer?
  /// The most tokens of a pass.
  private(set) var passTokens: Int
  private let laterWork: LaterWork
  private let objective: Objective
  let validation: Objective?
  private let load: LoadModel
  private let guesses: GuessedTokens?

  /// Loads the model.
  ///
  /// - Parameters:
  ///   - context: Model, data and options.
  ///   - objective: The examples to train on.
  ///   - validation: The examples to evaluate on; nil for none.
  ///   - guesses: What a masked language model's objective and network share.
  ///   - given: A network whose training has ended, with the most tokens of its passes; nil for a new one.
  ///   - laterWork: What follows the training; nil for what ``finish(_:_:knowing:unless:)`` does.
  ///   - load: Loads the base, and the written model.
  /// - Throws: ``TrainingError`` for a damaged checkpoint, or if memory is refused.
  init(
    _ context: TrainingContext, objective: Objective, validation: Objective?,
    guesses: GuessedTokens? = nil, network given: (ModelNetwork<Head>, passTokens: Int)? = nil,
    laterWork: LaterWork? = nil, load: @escaping LoadModel
  ) throws(TrainingError) {
    let network = if let given { given.0 } else { try Self.network(context, guesses, load) }
    liveNetwork = network
    passTokens = given?.passTokens ?? PassCut.usualTokens
    self.laterWork =
      laterWork
      ?? LaterWork(context.request, validation: validation, parameters: network.parameterCount)
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

  var network: ModelNetwork<Head> {
    guard let liveNetwork else { stop("a released network is not used") }
    return liveNetwork
  }

  /// Releases weights, gradients and buffers, when nothing reads them any more.
  func release() { (liveNetwork, optimizer) = (nil, nil) }

  func plan(unless cancellation: Cancellation) throws -> TrainingPlan {
    let run = try makeRun(cancellation) { _ in }.run
    return try run.timedPlan()
  }

  func run(
    unless cancellation: Cancellation, report: @escaping (TrainingEvent) -> Void
  ) throws -> TrainingOutcome {
    let (summary, state, result) = try train(unless: cancellation, report: report)
    guard summary.reason != .cancelled else {
      return TrainingOutcome(
        summary: summary, evaluation: nil, folder: nil, history: state.evaluations)
    }
    do {
      return try finish(summary, state, knowing: result, unless: cancellation)
    } catch is Interruption {
      throw TrainingError.cancelled(step: summary.step, total: summary.totalSteps)
    }
  }

  /// Trains to the best weights, or to the last ones if cancelled. Returns their evaluation, if there was one.
  func train(
    unless cancellation: Cancellation, report: @escaping (TrainingEvent) -> Void
  ) throws -> (TrainingSummary, LoopState, Evaluation?) {
    defer { optimizer = nil }
    let (run, store) = try makeRun(cancellation, report)
    let saved = context.request.resumes ? try (store as? FolderStore)?.resume() : nil
    return (try run.run(from: saved), run.state, run.result)
  }

  /// Calibrates, evaluates and writes the model as it is now, and releases it.
  ///
  /// `known` is its evaluation, if there was one.
  func finish(
    _ summary: TrainingSummary, _ state: LoopState, knowing known: Evaluation?,
    unless cancellation: Cancellation
  ) throws -> TrainingOutcome {
    let before = try known ?? evaluate(network, unless: cancellation)
    let calibration = try calibrate(before, unless: cancellation)
    let evaluation = calibration == nil ? before : try evaluate(network, unless: cancellation)
    if let output = context.request.output {
      try write(to: output, state, evaluation, summary, calibration)
      // The written model is loaded in its place.
      release()
      try check(output, evaluation)
    }
    return TrainingOutcome(
      summary: summary, evaluation: evaluation.flatMap { FinalEvaluation($0.metrics) },
      folder: context.request.output, history: state.evaluations)
  }

  private func makeStore(_ optimizer: ModelOptimizer) throws(TrainingError) -> any CheckpointStore {
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
    _ cancellation: Cancellation, _ report: @escaping (TrainingEvent) -> Void
  ) throws -> (run: TrainingRun<ModelNetwork<Head>, Objective>, store: any CheckpointStore) {
    guard let optimizer else { stop("a model is trained once") }
    let store = try makeStore(optimizer)
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
    environment.keptBytes = keptBytes
    environment.laterWork = laterWork
    let run = try TrainingRun(
      network, optimizer: optimizer, objective: objective, validation: validation,
      options: options, environment: environment)
    passTokens = run.plan.passTokens
    return (run, store)
  }

  /// Bytes besides those of the network: the examples, what metrics and calibration keep, the best weights
  /// if no checkpoint holds them, and the largest tensor while it is written or read.
  private var keptBytes: Int {
    let (request, tensors) = (context.request, network.trainedTensors)
    let columns = network.model.head.outputWidth
    let size = max(
      request.options.batchSize * request.options.gradientAccumulation,
      request.options.evaluationBatchSize)
    var bytes = context.data.byteCount
    bytes += objective.keptBytes(ofGroups: size, columns: columns)
    bytes += validation?.keptBytes(ofGroups: size, columns: columns) ?? 0
    if request.calibrates { bytes += 32 * columns * (validation?.exampleCount ?? 0) }
    if request.output == nil, validation != nil {
      bytes += 4 * tensors.reduce(0) { $0 + $1.count }
    }
    return bytes + context.largestTensorBytes
  }

  // MARK: The result

  typealias Evaluation = EvaluationResult<Objective.Accumulator.Metrics>

  func evaluate(
    _ network: ModelNetwork<Head>, unless cancellation: Cancellation
  ) throws -> Evaluation? {
    guard let validation else { return nil }
    let runner = try GroupRunner<ModelNetwork<Head>, Objective>(
      network, budget: passTokens, cancellation: cancellation)
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
    // Without a backward pass, no layer needs buffers of its own.
    let options = TrainableModelOptions(setup: setup, pool: context.pool, recomputes: true)
    let model = try load(options, written.configuration, written)
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
      let tensor = try base.tensor(parameter)
      tensor.readFloats(0..<count, into: target)
      if tensor.memory.isMapped { tensor.release(0..<count) }
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
