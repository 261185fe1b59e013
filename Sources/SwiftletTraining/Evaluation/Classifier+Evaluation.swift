public import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletSystem

extension Classifier {
  /// Compares the answers to labelled texts or pairs with their labels, for a model with one label for each text.
  ///
  ///     let metrics = try await classifier.evaluation(on: .csv("test.csv"))
  ///     print(metrics.accuracy, metrics.correct.interval)
  ///
  /// The model computes as it was loaded, on the engine's threads. Texts are cut at its maximum length, and have no
  /// prompt.
  ///
  /// - Parameter data: The rows, whose labels the model must have.
  /// - Returns: The metrics, without a loss.
  /// - Throws: ``TrainingError``; ``TrainingError/invalidOption(name:reason:)`` for a model with several labels for
  ///   each text or with numbers, ``TrainingError/cancelled(step:total:)`` if the task is cancelled.
  public func evaluation(
    on data: TrainingData
  ) async throws(TrainingError) -> ClassificationMetrics {
    try await compare(data, .classification)
  }

  /// Compares the answers with the labels of texts that may have several, or none.
  ///
  /// - Parameter data: The rows, whose labels the model must have.
  /// - Returns: The metrics, without a loss.
  /// - Throws: As ``evaluation(on:)``.
  public func multiLabelEvaluation(
    on data: TrainingData
  ) async throws(TrainingError) -> MultiLabelMetrics {
    try await compare(data, .multiLabel)
  }

  /// Compares the numbers that a regression predicts with those of the rows.
  ///
  /// - Parameter data: The rows.
  /// - Returns: The metrics, without a loss.
  /// - Throws: As ``evaluation(on:)``.
  public func regressionEvaluation(
    on data: TrainingData
  ) async throws(TrainingError) -> RegressionMetrics {
    try await compare(data, .regression)
  }

  private func compare<Metrics: EvaluationMetrics>(
    _ data: TrainingData, _ task: TrainingTask
  ) async throws(TrainingError) -> Metrics {
    let found = TrainingTask(ofClassifier: configuration)
    guard found.serves(task, configuration) else {
      throw .invalidOption(
        name: "the evaluation",
        reason: "is for \(task.rawValue), but the model is for \(found.rawValue); call "
          + found.evaluationMethod)
    }
    guard task != .regression || labels.count == 1 else {
      throw .invalidOption(
        name: "the evaluation",
        reason: "compares one number, but the model predicts \(labels.count)")
    }
    return try await compare(data, task, labels, configuration, runner)
  }
}

extension TokenClassifier {
  /// Compares the tags of labelled words with the answers.
  ///
  /// - Parameter data: The rows, whose tags the model must have.
  /// - Returns: The metrics, without a loss.
  /// - Throws: ``TrainingError``; ``TrainingError/cancelled(step:total:)`` if the task is cancelled.
  public func evaluation(
    on data: TrainingData
  ) async throws(TrainingError) -> TokenClassificationMetrics {
    try await compare(data, .tokens, labels, configuration, runner)
  }
}

extension TaskModel {
  /// Computes the answers to all rows, and compares them; `Metrics` are those of the task.
  fileprivate func compare<Metrics: EvaluationMetrics>(
    _ data: TrainingData, _ task: TrainingTask, _ labels: [String],
    _ configuration: ModelConfiguration, _ runner: BatchRunner<some EncoderHead>
  ) async throws(TrainingError) -> Metrics {
    let found = try await onThread { [self] (cancellation) throws(TrainingError) in
      let encoding = try DataEncoding(
        tokenizer: tokenizer, configuration: configuration, maxLength: maxLength)
      let (examples, _) = try PreparedData.evaluation(
        of: data, encoding: encoding, task: task, labels: labels)
      return try ModelEvaluation.compare(examples, by: AnswerEngine(runner), unless: cancellation)
    }
    guard let metrics = found.metrics as? Metrics else { stop("the task has these metrics") }
    return metrics
  }
}

extension TrainingTask {
  /// The method that evaluates a classifier of the task.
  fileprivate var evaluationMethod: String {
    switch self {
    case .multiLabel: "multiLabelEvaluation(on:)"
    case .regression: "regressionEvaluation(on:)"
    default: "evaluation(on:)"
    }
  }
}
