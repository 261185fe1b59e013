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
    _ checkpoint: CheckpointReader
  ) throws(CheckpointError) -> TrainableModel<SequenceClassificationHead> {
    try TrainableModel(.sequenceClassification, configuration, checkpoint, options)
  }

  /// Checks the method and what belongs to it against the task.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``.
  static func checkMethod(
    _ request: TrainingRequest, _ data: PreparedData
  ) throws(TrainingError) {
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
