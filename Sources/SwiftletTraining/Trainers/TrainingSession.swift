import Swiftlet
import SwiftletCheckpoint
package import SwiftletEncoder
import SwiftletKernelCore
import SwiftletRuntime

/// One training from files to a folder: reads and checks everything when it is made, then plans or trains.
package final class TrainingSession {
  package let request: TrainingRequest
  /// What was found in the data.
  package let data: PreparedData
  private let training: any RunnableTraining

  /// Reads model and data, and checks options and output. Writes nothing.
  ///
  /// - Throws: ``TrainingError``.
  package init(_ request: TrainingRequest) throws(TrainingError) {
    try request.options.validate()
    try request.options.checkPrecision()
    try Self.checkOutput(of: request)
    var (base, data) = try Self.read(request, embeds: request.task == .embeddings)
    if data.task == .embeddings, request.task == nil {
      // Tokenizer and maximum length are those of sentence-transformers.
      (base, data) = try Self.read(request, embeds: true)
    }
    try Self.checkMethod(request, data)
    try request.options.checkUse(
      by: data.task, hasHead: data.task.head != nil || base.files.dense != nil)
    if request.options.convertsToDistilBERT { base = try Self.distilBERT(base, data) }
    self.request = request
    self.data = data
    training = try Self.training(request, base, data)
  }

  private static func read(
    _ request: TrainingRequest, embeds: Bool
  ) throws(TrainingError) -> (BaseModel, PreparedData) {
    let base = try BaseModel(request.model, embeds: embeds)
    let data = try PreparedData(
      training: request.training, validation: request.validation,
      encoding: DataEncoding(
        tokenizer: base.tokenizer, configuration: base.configuration,
        maxLength: request.options.maxLength ?? base.files.maxLength),
      task: request.task, baseLabels: base.labels)
    return (base, data)
  }

  /// A BERT as a DistilBERT of all its layers.
  private static func distilBERT(
    _ base: BaseModel, _ data: PreparedData
  ) throws(TrainingError) -> BaseModel {
    let source = base.configuration
    let obstacle =
      source.architecture == .distilBERT
      ? "\(base.path) is one already"
      : data.task.head == nil ? "the task is \(data.task)" : Student.obstacle(data, source)
    if let obstacle {
      throw .invalidOption(name: "--distilbert", reason: "does not apply: \(obstacle); remove it")
    }
    let layers = Array(0..<source.layerCount)
    return try Student(of: base, layers: layers, .distilBERT, task: data.task).base()
  }

  /// The plan, with the time of a timed first step.
  ///
  /// - Throws: ``TrainingError``; ``TrainingError/cancelled(step:total:)`` if cancelled.
  package func plan(
    unless cancellation: Cancellation = .never
  ) throws(TrainingError) -> TrainingPlan {
    do {
      return try training.plan(unless: cancellation)
    } catch {
      throw TrainingError(error)
    }
  }

  /// Trains, writes the output, reads it back and evaluates it again.
  ///
  /// A cancelled training returns what it reached, and leaves a checkpoint in the output.
  ///
  /// - Throws: ``TrainingError``. The checkpoint in the output stays.
  package func run(
    unless cancellation: Cancellation = .never,
    report: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws(TrainingError) -> TrainingOutcome {
    do {
      return try OutputLock.hold(request.output) {
        // Another training may have written to the output since this one was made.
        try Self.checkOutput(of: request, isHeld: true)
        return try training.run(unless: cancellation, report: report)
      }
    } catch {
      throw TrainingError(error)
    }
  }

  // MARK: Checks

  /// Checks the folder to write, and that no other training writes to it unless it `isHeld` by this one.
  ///
  /// - Throws: ``TrainingError/unwritable(reason:)``, ``TrainingError/invalidOption(name:reason:)``.
  package static func checkOutput(
    of request: TrainingRequest, isHeld: Bool = false
  ) throws(TrainingError) {
    guard let output = request.output else {
      guard !request.resumes else {
        throw .invalidOption(name: "--resume", reason: "needs --output, which has the checkpoint")
      }
      return
    }
    _ = try ModelFolderWriter(
      output: output, replacing: request.acceptsTrainedOutput, base: request.model)
    if !isHeld { try OutputLock.check(output) }
    let exists = CheckpointFolder(output: output).exists
    if request.resumes, !exists {
      throw .invalidOption(
        name: "--resume",
        reason: "finds no checkpoint of a training in \(output); start one without --resume")
    }
    if !request.resumes, exists, !request.replacesOutput {
      throw .invalidOption(
        name: "--output",
        reason: "\(output) has the checkpoint of a training that was stopped; continue it with "
          + "--resume, or start again with --force")
    }
  }
}

extension BaseModel {
  /// Whether a training continues with the base's classifier: it has the labels and the outputs of the task.
  fileprivate func keeps(_ head: ModelHead, _ trained: ModelConfiguration) -> Bool {
    guard has(head), configuration.labels == trained.labels || head == .multipleChoice else {
      return false
    }
    return trained.parameters(of: head).allSatisfy { parameter in
      checkpoint.shape(of: parameter.name).map { $0 == parameter.shape } ?? true
    }
  }

  /// The labels of the base's head; empty if it has none.
  var labels: [String] { has(.sequenceClassification) ? configuration.labels : [] }

  /// The name of the number that the base's head predicts; nil if it is not a regression of one number.
  /// transformers derives the kind from the one label where the configuration does not name it.
  fileprivate var numberNames: [String]? {
    let kind = configuration.problemType ?? .regression
    return kind == .regression && labels.count == 1 ? labels : nil
  }
}

// MARK: The tasks

extension TrainingSession {
  private static func training(
    _ request: TrainingRequest, _ base: BaseModel, _ data: PreparedData
  ) throws(TrainingError) -> any RunnableTraining {
    let context = try TrainingContext(request, base, data)
    switch data.task {
    case .classification:
      let loss = CrossEntropy(
        classWeights: try context.classWeights(), labelSmoothing: request.options.labelSmoothing)
      return try sequenceTraining(
        context, objective: ClassificationObjective(data.training, loss: loss),
        validation: data.validation.map { ClassificationObjective($0, loss: loss) })
    case .multiLabel:
      let loss = BinaryCrossEntropy(positiveWeights: try context.classWeights())
      return try sequenceTraining(
        context, objective: MultiLabelObjective(data.training, loss: loss),
        validation: data.validation.map { MultiLabelObjective($0, loss: loss) })
    case .regression:
      return try sequenceTraining(
        context, objective: RegressionObjective(data.training),
        validation: data.validation.map { RegressionObjective($0) })
    case .tokens:
      let loss = CrossEntropy(
        classWeights: try context.classWeights(), labelSmoothing: request.options.labelSmoothing)
      return try TaskTraining<TokenHead, TokenObjective>(
        context, objective: TokenObjective(data.training, loss: loss),
        validation: data.validation.map { TokenObjective($0, loss: loss) }
      ) { (options, configuration, base) throws(CheckpointError) in
        try TrainableModel(.tokenClassification, configuration, base.checkpoint, options)
      }
    case .questions:
      return try TaskTraining<TokenHead, QuestionObjective>(
        context, objective: QuestionObjective(data.training, encoding: data.encoding),
        validation: data.validation.map { QuestionObjective($0, encoding: data.encoding) }
      ) { (options, configuration, base) throws(CheckpointError) in
        try TrainableModel(.questionAnswering, configuration, base.checkpoint, options)
      }
    case .choices:
      let loss = CrossEntropy(labelSmoothing: request.options.labelSmoothing)
      return try TaskTraining<SequenceClassificationHead, ChoiceObjective>(
        context, objective: ChoiceObjective(data.training, loss: loss),
        validation: data.validation.map { ChoiceObjective($0, loss: loss) }
      ) { (options, configuration, base) throws(CheckpointError) in
        try TrainableModel(.multipleChoice, configuration, base.checkpoint, options)
      }
    case .masks: return try masks(context)
    case .embeddings: return try embeddings(context)
    }
  }

  private static func masks(
    _ context: TrainingContext
  ) throws(TrainingError) -> any RunnableTraining {
    let (data, tokenizer) = (context.data, context.base.tokenizer)
    let masking = try TokenMasking(tokenizer: tokenizer, seed: context.request.options.seed)
    let guesses = GuessedTokens(rate: masking.rate)
    func objective(_ data: EncodedDataset) -> MaskObjective {
      MaskObjective(
        data, loss: CrossEntropy(labelSmoothing: context.request.options.labelSmoothing),
        masking: masking, guesses: guesses)
    }
    return try TaskTraining<MaskedLanguageHead, MaskObjective>(
      context, objective: objective(data.training), validation: data.validation.map(objective),
      guesses: guesses
    ) { (options, configuration, base) throws(CheckpointError) in
      try TrainableModel(maskID: masking.maskID, configuration, base.checkpoint, options)
    }
  }
}

extension TrainingContext {
  init(
    _ request: TrainingRequest, _ base: BaseModel, _ data: PreparedData
  ) throws(TrainingError) {
    var configuration = base.configuration
    if data.task == .regression {
      configuration.labels = base.numberNames ?? ["LABEL_0"]
    } else if !data.labels.isEmpty {
      configuration.labels = data.labels
    }
    configuration.labelIDs = []
    let keepsHead = data.task.head.map { base.keeps($0, configuration) } ?? false
    configuration.problemType = data.task.problemType
    let head = data.task.head.map(configuration.parameters(of:)) ?? []
    newNames = TrainingSetup.newNames(head, in: base.checkpoint) {
      $0.name.hasPrefix(Architecture.classifier + ".") && !keepsHead
    }
    groups = try request.options.parameterGroups(
      layerCount: configuration.layerCount, newNames: newNames)
    pool = WorkerPool(threadCount: try Self.threadCount(request.options.threads))
    self.request = request
    self.base = base
    self.data = data
    self.configuration = configuration
  }

  private static func threadCount(_ wanted: Int?) throws(TrainingError) -> Int {
    if let wanted { return wanted }
    do throws(KernelsError) {
      return try ProcessorCount.available()
    } catch {
      throw .invalidOption(name: "--threads", reason: "is not given, and \(error.description)")
    }
  }

  /// The weight of each label in the loss: of a class, or of the positive rows of a label.
  func classWeights() throws(TrainingError) -> [Float]? {
    let counts = data.summary.labelCounts?.counts ?? []
    let unlabelled = data.summary.labelCounts?.unlabelled ?? 0
    switch request.options.classWeights {
    case .none: return nil
    case .values(let values):
      guard values.count == data.labels.count else {
        throw .invalidOption(
          name: "--class-weights",
          reason: "has \(values.count) weights, but the data have \(data.labels.count) labels: "
            + TrainingError.list(data.labels))
      }
      return values.map(Float.init)
    case .balanced:
      let total = Double(
        data.task == .multiLabel ? data.training.count - unlabelled : counts.reduce(0, +))
      return counts.map { count in
        guard count > 0 else { return 1 }
        return data.task == .multiLabel
          ? Float((total - Double(count)) / Double(count))
          : Float(total / (Double(counts.count) * Double(count)))
      }
    }
  }
}
