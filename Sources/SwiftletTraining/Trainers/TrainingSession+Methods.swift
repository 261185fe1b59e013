import SwiftletCheckpoint
import SwiftletEncoder

extension TrainingSession {
  /// The training of a sequence classifier by the method of the request.
  static func sequenceTraining<Objective: DatasetObjective>(
    _ context: TrainingContext, objective: Objective, validation: Objective?
  ) throws(TrainingError) -> any RunnableTraining {
    switch context.request.options.method {
    case .probe:
      try ProbeTraining(context, objective: objective, validation: validation)
    case .setfit:
      try SetFitTraining(context, objective: objective, validation: validation)
    case .full, .lastLayers, .head, .lora:
      try TaskTraining<SequenceClassificationHead, Objective>(
        context, objective: objective, validation: validation, load: loadSequenceHead)
    }
  }

  static func loadSequenceHead(
    _ options: TrainableModelOptions, _ configuration: ModelConfiguration,
    _ base: BaseModel
  ) throws(CheckpointError) -> TrainableModel<SequenceClassificationHead> {
    try TrainableModel(.sequenceClassification, configuration, base.checkpoint, options)
  }

  /// Checks the method and what belongs to it against the task.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``.
  static func checkMethod(
    _ request: TrainingRequest, _ data: PreparedData
  ) throws(TrainingError) {
    if let loss = request.options.loss, data.task != .embeddings {
      throw .invalidOption(
        name: "--loss",
        reason: "is \(loss.rawValue), which is for --task embed, but the task is "
          + "\(data.task.rawValue); remove it")
    }
    try request.checkCalibration(data.task, hasValidation: data.validation != nil)
    switch request.options.method {
    case .probe, .setfit:
      guard [.classification, .multiLabel, .regression].contains(data.task) else {
        throw .invalidOption(
          name: "--method",
          reason:
            "is \(request.options.methodText), which is for labels or numbers of whole texts, but "
            + "the task is \(data.task.rawValue); use full, last:N, head or lora")
      }
    case .full, .lastLayers, .head, .lora: break
    }
    if case .probe = request.options.method, request.resumes {
      throw .invalidOption(
        name: "--resume",
        reason: "is not used by --method probe, which saves no checkpoint; run it again without it")
    }
    if case .lora = request.options.method { return }
    guard !request.writesAdapter else {
      throw .invalidOption(name: "--adapter", reason: "is written by --method lora only")
    }
  }
}

extension TrainingOptions {
  /// Checks that the task uses the options that were set.
  ///
  /// - Parameters:
  ///   - task: The task.
  ///   - hasHead: Whether the model has weights after the encoder. An embedding model has them in a dense layer
  ///     only.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``, which names the flag and the task.
  func checkUse(by task: TrainingTask, hasHead: Bool) throws(TrainingError) {
    let uses: [(flag: String, isSet: Bool, tasks: Set<TrainingTask>)] = [
      ("--class-weights", classWeights != .none, [.classification, .multiLabel, .tokens]),
      ("--label-smoothing", labelSmoothing != 0, [.classification, .tokens, .choices, .masks]),
    ]
    for (flag, isSet, tasks) in uses where isSet && !tasks.contains(task) {
      let names = TrainingTask.allCases.filter(tasks.contains).map(\.rawValue)
      throw .invalidOption(
        name: flag,
        reason: "is not used by the task \(task.rawValue), but by \(names.joined(separator: ", "))"
          + "; remove it")
    }
    guard !hasHead else { return }
    let trainsHeadOnly: [(String, Bool)] = [
      ("--method", method == .head), ("--freeze", freezing == .allButHead),
    ]
    for (flag, isSet) in trainsHeadOnly where isSet {
      throw .invalidOption(
        name: flag,
        reason: "would train nothing: the model of the task \(task.rawValue) has no head; use "
          + "--method full, last:N or lora")
    }
    guard headLearningRate == nil else {
      throw .invalidOption(
        name: "--head-learning-rate",
        reason: "is not used by the task \(task.rawValue), whose model has no head; remove it")
    }
  }
}
