import Glibc
import SwiftletCheckpoint
import SwiftletEncoder

/// A temperature that was fitted on validation rows and is part of the classifier's weights, and the
/// thresholds of several labels.
struct FittedCalibration {
  let temperature: Double
  /// The expected calibration error before; nil for several labels.
  let errorBefore: Double?
  /// Empty for one label.
  let thresholds: [DecisionThresholds.Choice]

  /// Adds temperature, errors and thresholds to a report.
  func complete(_ report: inout TrainingReport, _ metrics: (any EvaluationMetrics)?) {
    report.calibration = TrainingReport.Calibration(
      temperature: temperature, errorBefore: errorBefore,
      errorAfter: errorBefore == nil ? nil : metrics?.value(of: .calibrationError))
    for (index, choice) in thresholds.enumerated() where report.labels.indices.contains(index) {
      report.labels[index].threshold = Double(choice.threshold)
    }
  }
}

extension TrainingRequest {
  /// Checks calibration against the task and the validation data.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` where it is not defined.
  func checkCalibration(
    _ task: TrainingTask, hasValidation: Bool
  ) throws(TrainingError) {
    guard calibrates else { return }
    guard task == .classification || task == .multiLabel else {
      throw .invalidOption(
        name: "--calibrate",
        reason: "is for classifiers with one label or several; the task is \(task.rawValue)")
    }
    guard hasValidation else {
      throw .invalidOption(
        name: "--calibrate",
        reason: "fits its numbers on validation rows; remove --validation none")
    }
  }
}

extension TaskTraining {
  /// Fits a temperature and thresholds on the validation rows, and divides the classifier's weights by the
  /// temperature, so that every runtime computes calibrated scores. Nil unless the request says so.
  ///
  /// `before` is the evaluation of the weights.
  func calibrate(
    _ before: Evaluation?, unless cancellation: Cancellation
  ) throws -> FittedCalibration? {
    guard context.request.calibrates, let validation, let data = context.data.validation else {
      return nil
    }
    var logits: [Float] = []
    let runner = try GroupRunner<ModelNetwork<Head>, Objective>(
      network, budget: passTokens, cancellation: cancellation)
    let labelled = (0..<data.count).filter { data.labelledItems(of: $0) > 0 }
    try runner.forEachRow(
      of: labelled, validation, batchSize: context.request.options.evaluationBatchSize
    ) { _, row in logits += row }
    let labelCount = data.labels.count
    guard data.task == .multiLabel else {
      let labels = labelled.map { data.classNumber(of: $0) ?? -1 }
      let temperature = TemperatureScaling.fit(
        logits: logits, labels: labels, classCount: labelCount)
      divideClassifier(by: temperature)
      return FittedCalibration(
        temperature: temperature, errorBefore: before?.value(of: .calibrationError), thresholds: [])
    }
    let targets = labelled.flatMap { data.labelFlags(of: $0) }
    let temperature = TemperatureScaling.fit(logits: logits, targets: targets)
    divideClassifier(by: temperature)
    let scores = logits.map { Float(1 / (1 + exp(-Double($0) / temperature))) }
    return FittedCalibration(
      temperature: temperature, errorBefore: nil,
      thresholds: DecisionThresholds.maximizingF1(
        scores: scores, targets: targets, labelCount: labelCount))
  }

  private func divideClassifier(by temperature: Double) {
    let names = ["weight", "bias"].map { "\(Architecture.classifier).\($0)" }
    for tensor in network.wholeTensors
    where tensor.parameters.allSatisfy({ names.contains($0.name) }) {
      for index in 0..<tensor.count {
        tensor.values[index] = Float(Double(tensor.values[index]) / temperature)
      }
    }
    network.weightsDidChange()
  }
}
