import Swiftlet
import SwiftletCheckpoint
package import SwiftletEncoder
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// One distillation from a teacher and texts to a folder: reads and checks everything when it is made, lets
/// the teacher answer, then plans or trains.
package final class DistillationSession {
  package let request: DistillationRequest
  /// What was found in the data.
  package let data: PreparedData
  /// What was decided.
  package private(set) var facts: DistillationFacts
  let teacher: Teacher
  private var context: TrainingContext
  private var training: (any RunnableTraining)?

  /// Reads teacher, student and data, and checks options and output. Writes nothing.
  ///
  /// - Throws: ``TrainingError``.
  package init(_ request: DistillationRequest) throws(TrainingError) {
    try Self.check(request)
    let teacher = try Teacher(request.teacher, task: request.training.task)
    let plan = try StudentPlan(request.distillation, of: teacher)
    var training = request.training
    training.model = plan.path
    training.task = teacher.task
    try TrainingSession.checkOutput(of: training)
    if let output = training.output {
      _ = try ModelFolderWriter(
        output: output, replacing: training.acceptsTrainedOutput, base: teacher.path)
    }
    data = try PreparedData(
      training: training.training, validation: training.validation,
      encoding: DataEncoding(
        tokenizer: teacher.files.tokenizer, configuration: teacher.files.configuration,
        maxLength: try plan.maxLength(training.options.maxLength, teacher)), task: teacher.task,
      baseLabels: teacher.labels, keepsUnlabelled: true)
    try training.options.checkUse(by: data.task, hasHead: true)
    let (base, reason) = try plan.base(for: data)
    facts = try DistillationFacts(
      request, teacher, plan, base.configuration.architecture, reason, data)
    training.options.maxMemory = try facts.remaining(
      of: training.options.maxMemory, beside: teacher)
    try facts.checkWidths(teacher.files.configuration, base.configuration)
    context = try TrainingContext(training, base, data)
    self.request = request
    self.teacher = teacher
  }

  private static func check(_ request: DistillationRequest) throws(TrainingError) {
    let options = request.training.options
    try request.distillation.validate()
    switch options.method {
    case .full, .lastLayers, .head: break
    case .lora, .probe, .setfit:
      throw .invalidOption(
        name: "--method", reason: "is not used by a distillation; use full, last:N or head")
    }
    guard !options.convertsToDistilBERT else {
      throw .invalidOption(
        name: "--distilbert",
        reason: "is not used by a distillation; --architecture chooses the student's architecture")
    }
    guard options.loss == nil else {
      throw .invalidOption(
        name: "--loss", reason: "is not used by a distillation, whose students do not embed")
    }
    try options.validate()
    try options.checkPrecision()
  }

  // MARK: Running

  /// Computes the teacher's answers to all texts, which must happen once before a plan or a training.
  ///
  /// A resumed training computes them again: they are the same bits.
  ///
  /// - Parameters:
  ///   - cancellation: Ends the work between two batches.
  ///   - progress: Receives the number of answered texts and of all texts.
  /// - Throws: ``TrainingError``; ``TrainingError/cancelled(step:total:)`` if cancelled.
  package func prepare(
    unless cancellation: Cancellation = .never,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(TrainingError) {
    do {
      try answer(unless: cancellation, progress: progress)
    } catch {
      throw TrainingError(error)
    }
  }

  private func answer(
    unless cancellation: Cancellation, progress: (_ done: Int, _ total: Int) -> Void
  ) throws {
    try MemoryReserve.check(facts.answerBytes, for: "the teacher's answers")
    let total = data.training.count + (data.validation?.count ?? 0)
    let engine = try teacher.logits(on: context.pool, context.request.options.kernelPrecision)
    let training = try Self.answered(data.training, by: engine, unless: cancellation) {
      progress($0, total)
    }
    let validation = try data.validation.map { validation in
      let answered = try Self.answered(validation, by: engine, unless: cancellation) {
        progress(data.training.count + $0, total)
      }
      return facts.measuresAgreement ? Self.agreement(answered) : answered
    }
    self.training = try makeTraining(training, validation)
  }

  private static func answered(
    _ data: EncodedDataset, by engine: AnswerEngine, unless cancellation: Cancellation,
    progress: (Int) -> Void
  ) throws -> EncodedDataset {
    var result = data
    let values = try engine.rows(of: data, unless: cancellation, progress: progress)
    result.attach(softLabels: values, width: engine.width)
    return result
  }

  /// The data with the teacher's answers as true labels, too.
  private static func agreement(_ data: EncodedDataset) -> EncodedDataset {
    guard let answers = data.softLabels else { return data }
    var result = data.answered(by: answers)
    result.attach(
      softLabels: (0..<data.count).flatMap { answers[$0] }, width: answers.width)
    return result
  }

  /// The plan, with the time of a timed first step.
  ///
  /// - Throws: As ``prepare(unless:progress:)``.
  package func plan(
    unless cancellation: Cancellation = .never
  ) throws(TrainingError) -> TrainingPlan {
    do {
      return try prepared().plan(unless: cancellation)
    } catch {
      throw TrainingError(error)
    }
  }

  /// Trains, writes the output, reads it back and evaluates it again.
  ///
  /// - Throws: ``TrainingError``. The checkpoint in the output stays.
  package func run(
    unless cancellation: Cancellation = .never,
    report: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws(TrainingError) -> TrainingOutcome {
    do {
      return try OutputLock.hold(context.request.output) {
        try TrainingSession.checkOutput(of: context.request, isHeld: true)
        return try prepared().run(unless: cancellation, report: report)
      }
    } catch {
      throw TrainingError(error)
    }
  }

  private func prepared() -> any RunnableTraining {
    guard let training else { stop("the teacher answers before a student is trained") }
    return training
  }

  /// The threads of the training, for the comparison after it.
  var pool: WorkerPool { context.pool }
}

// MARK: The tasks

extension DistillationSession {
  private func makeTraining(
    _ training: EncodedDataset, _ validation: EncodedDataset?
  ) throws -> any RunnableTraining {
    let options = context.request.options
    let weights = facts.alpha < 1 ? try context.classWeights() : nil
    switch data.task {
    case .multiLabel:
      let loss = BinaryCrossEntropy(positiveWeights: weights)
      return try make(training, validation, { MultiLabelObjective($0, loss: loss) }, Self.loadHead)
    case .regression:
      return try make(training, validation, { RegressionObjective($0) }, Self.loadHead)
    case .tokens:
      let loss = CrossEntropy(classWeights: weights, labelSmoothing: options.labelSmoothing)
      return try make(training, validation, { TokenObjective($0, loss: loss) }) {
        (options, configuration, base) throws(CheckpointError) in
        try TrainableModel<TokenHead>(.tokenClassification, configuration, base.checkpoint, options)
      }
    default:
      let loss = CrossEntropy(classWeights: weights, labelSmoothing: options.labelSmoothing)
      return try make(
        training, validation, { ClassificationObjective($0, loss: loss) }, Self.loadHead)
    }
  }

  private static func loadHead(
    _ options: TrainableModelOptions, _ configuration: ModelConfiguration,
    _ base: BaseModel
  ) throws(CheckpointError) -> TrainableModel<SequenceClassificationHead> {
    try TrainableModel(.sequenceClassification, configuration, base.checkpoint, options)
  }

  private func make<Head: TrainableHead, Base: DatasetObjective>(
    _ training: EncodedDataset, _ validation: EncodedDataset?,
    _ makeBase: (EncodedDataset) -> Base,
    _ load: @escaping TaskTraining<Head, DistillationObjective<Base>>.LoadModel
  ) throws -> any RunnableTraining {
    let hidden: HiddenStates? =
      facts.hiddenWeight > 0
      ? try HiddenStates(
        weight: facts.hiddenWeight,
        try teacher.hiddenRows(on: context.pool, context.request.options.kernelPrecision)) : nil
    let soft = SoftLoss(data.task, temperature: facts.temperature ?? 1)
    func objective(
      _ data: EncodedDataset, alpha: Double, hidden: HiddenStates? = nil
    ) -> DistillationObjective<Base>? {
      data.softLabels.map {
        DistillationObjective(makeBase(data), $0, soft: soft, alpha: alpha, hidden: hidden)
      }
    }
    guard let trained = objective(training, alpha: facts.alpha, hidden: hidden) else {
      stop("the teacher has answered")
    }
    // Without true labels the validation loss is the distance from the teacher.
    let evaluated = validation.flatMap {
      objective($0, alpha: facts.measuresAgreement ? 1 : facts.alpha)
    }
    facts.teacherMetrics = evaluated.flatMap { FinalEvaluation($0.teacherMetrics()) }
    var context = context
    context.distillation = DistillationContext(
      facts: facts, hidden: hidden,
      teacherFingerprint: try teacher.checkpoint.fingerprint(teacher.files))
    return try TaskTraining(context, objective: trained, validation: evaluated, load: load)
  }
}
