import Swiftlet
import SwiftletCheckpoint

extension DistillationFacts {
  /// Completes the options by what data and models are.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for an option that would not be used.
  init(
    _ request: DistillationRequest, _ teacher: Teacher, _ plan: StudentPlan,
    _ architecture: Architecture, _ reason: String?, _ data: PreparedData
  ) throws(TrainingError) {
    let options = request.distillation
    let outputs = teacher.files.configuration.labels.count
    self.teacher = teacher.path
    teacherLayerCount = teacher.files.configuration.layerCount
    layers = plan.layers
    width = plan.width
    student = plan.given?.path
    self.architecture = architecture.rawValue
    architectureReason = reason
    temperature = data.task == .regression ? nil : options.temperature ?? 2
    hasLabels = data.training.hasLabels
    alpha = options.alpha ?? (hasLabels ? 0.5 : 1)
    hiddenWeight = options.hiddenWeight
    measuresAgreement = data.validation.map { !$0.hasLabels } ?? false
    answerBytes =
      4
      * (data.training.softLabelCount(width: outputs)
        + (data.validation?.softLabelCount(width: outputs) ?? 0))
    try checkUse(options, request.training.options)
    try request.training.checkCalibration(data.task, hasValidation: data.validation != nil)
    guard !request.training.calibrates || !measuresAgreement else {
      throw .invalidOption(
        name: "--calibrate",
        reason: "fits its numbers on validation rows with true labels, and no row has one; give "
          + "labels, or remove it")
    }
  }

  private func checkUse(
    _ options: DistillationOptions, _ training: TrainingOptions
  ) throws(TrainingError) {
    if options.temperature != nil, temperature == nil || alpha == 0 {
      throw .invalidOption(
        name: "--temperature",
        reason: temperature == nil
          ? "is not used by a regression, which has no probabilities"
          : "is not used with --alpha 0")
    }
    if !hasLabels, alpha < 1 {
      throw .invalidOption(
        name: "--alpha",
        reason: "is \(alpha), but no row has a true label; give labels, or remove it")
    }
    guard alpha == 1 else { return }
    let unused = [
      ("--class-weights", training.classWeights != .none),
      ("--label-smoothing", training.labelSmoothing != 0),
    ]
    for (name, isSet) in unused where isSet {
      throw .invalidOption(
        name: name, reason: "is not used, as only the teacher's answers are learned (--alpha 1)")
    }
  }

  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if hidden rows can't be compared.
  func checkWidths(
    _ teacher: ModelConfiguration, _ student: ModelConfiguration
  ) throws(TrainingError) {
    guard hiddenWeight > 0, teacher.hiddenSize != student.hiddenSize else { return }
    throw .invalidOption(
      name: "--hidden-weight",
      reason: "compares rows of equal width, but the teacher's have \(teacher.hiddenSize) numbers "
        + "and the student's \(student.hiddenSize); remove it, or choose another student")
  }

  /// Returns the bytes that the student's training may use beside the teacher and its answers.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if none are left.
  func remaining(of limit: Int?, beside teacher: Teacher) throws(TrainingError) -> Int? {
    guard let limit else { return nil }
    // Inference keeps weights in float32 or a narrower type.
    let weights = hiddenWeight > 0 ? 2 * teacher.byteCount : 0
    let needed = answerBytes + weights
    guard needed < limit else {
      throw .invalidOption(
        name: "--max-memory",
        reason: "is \(limit) bytes, but the teacher"
          + (weights > 0 ? " and its answers need" : "'s answers need")
          + " \(needed); raise it, or give fewer rows")
    }
    return limit - needed
  }
}
