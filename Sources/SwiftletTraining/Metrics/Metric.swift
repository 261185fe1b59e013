/// A number that says how good a model is, by the name that `--metric` takes.
public enum Metric: String, Sendable, CaseIterable {
  /// The share of right answers; of single labels, tokens or choices.
  case accuracy
  /// F1 of each class or label, averaged without weights.
  case macroF1 = "macro-f1"
  /// F1 over the counts of all classes or labels.
  case microF1 = "micro-f1"
  /// F1 of each class, averaged with its number of rows as weight.
  case weightedF1 = "weighted-f1"
  /// F1 of entities, or the overlap of words with an answer.
  case f1
  /// The share of predicted entities that are right.
  case precision
  /// The share of true entities that are found.
  case recall
  /// The share of answers that equal one of the true ones.
  case exactMatch = "exact-match"
  /// The share of rows whose labels are all right.
  case subsetAccuracy = "subset-accuracy"
  /// The average precision of each label, averaged over labels.
  case meanAveragePrecision = "mean-average-precision"
  /// The mean squared error.
  case mse
  /// The mean absolute error.
  case mae
  /// Pearson's correlation.
  case pearson
  /// Spearman's rank correlation.
  case spearman
  /// The expected difference of confidence and accuracy.
  case calibrationError = "calibration-error"
  /// The mean squared difference of probabilities and truth.
  case brierScore = "brier-score"
  /// The validation loss.
  case loss

  /// The metric of this name, if the task has it.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` with the metrics of the task, if the
  ///   name is not one of them.
  public init(named name: String, for task: TrainingTask) throws(TrainingError) {
    guard let metric = Metric(rawValue: name), task.metrics.contains(metric) else {
      let names = task.metrics.map(\.rawValue).joined(separator: ", ")
      throw .invalidOption(
        name: "--metric",
        reason: "is '\(name)', which the task \(task.rawValue) does not have; use \(names)")
    }
    self = metric
  }

  /// Whether a larger value is a better one.
  public var isBetterWhenHigher: Bool {
    switch self {
    case .mse, .mae, .calibrationError, .brierScore, .loss: false
    default: true
    }
  }

  /// Whether a value is strictly better than another. A NaN is never better.
  public func isBetter(_ value: Double, than other: Double) -> Bool {
    isBetterWhenHigher ? value > other : value < other
  }
}

extension TrainingTask {
  /// The metrics of the task; the first is the default.
  public var metrics: [Metric] {
    switch self {
    case .classification:
      [.accuracy, .macroF1, .microF1, .weightedF1, .calibrationError, .brierScore, .loss]
    case .multiLabel: [.microF1, .macroF1, .subsetAccuracy, .meanAveragePrecision, .loss]
    case .regression: [.pearson, .spearman, .mse, .mae, .loss]
    case .tokens: [.f1, .precision, .recall, .accuracy, .loss]
    case .questions: [.f1, .exactMatch, .loss]
    case .embeddings: [.spearman, .pearson, .loss]
    case .choices: [.accuracy, .loss]
    case .masks: [.loss, .accuracy]
    }
  }
}

/// The result of an evaluation.
public protocol EvaluationMetrics: Sendable, Equatable {
  /// The mean of the training's loss over the evaluated rows, if it was computed.
  var loss: Double? { get }
  /// The value of a metric; nil if it is undefined here, or belongs to another task.
  func value(of metric: Metric) -> Double?
}
