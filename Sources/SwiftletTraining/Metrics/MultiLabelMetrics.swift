/// How well a classifier with any number of labels for each text does.
public struct MultiLabelMetrics: EvaluationMetrics {
  /// The rows whose labels are all right.
  public let exact: Proportion
  /// One score for each label, in the model's order.
  public let perLabel: [ClassScore]
  /// The average precision of each label; nil for a label without a row.
  public let averagePrecisions: [Double?]
  /// The mean binary cross-entropy over rows and labels.
  public let logLoss: Double
  /// The expected difference of the probability of a label and the share of rows that have it, over 15 bins
  /// of equal width and all rows and labels.
  public let calibrationError: Double
  /// The 15 bins of the calibration error; `correct` counts rows that have the label.
  public let calibrationBins: [CalibrationBin]
  /// The mean of (p - y)² over rows and labels, from 0 to 1.
  public let brierScore: Double
  /// The mean of the training's loss, with its weights, if it was computed.
  public package(set) var loss: Double?

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    exact: Proportion, perLabel: [ClassScore], averagePrecisions: [Double?], logLoss: Double,
    calibrationError: Double, calibrationBins: [CalibrationBin], brierScore: Double,
    loss: Double? = nil
  ) {
    self.exact = exact
    self.perLabel = perLabel
    self.averagePrecisions = averagePrecisions
    self.logLoss = logLoss
    self.calibrationError = calibrationError
    self.calibrationBins = calibrationBins
    self.brierScore = brierScore
    self.loss = loss
  }

  /// The rows that were evaluated.
  public var rows: Int { exact.total }
  /// The share of rows whose labels are all right.
  public var subsetAccuracy: Double { exact.value }
  /// F1 over the counts of all labels.
  public var microF1: Double { ClassScore.sum(perLabel).f1 }
  /// The mean of F1 over all labels; a label that is nowhere counts as 0, as in scikit-learn.
  public var macroF1: Double { ClassScore.mean(perLabel) }
  /// The mean of the average precisions that are defined; nil if all are undefined.
  public var meanAveragePrecision: Double? {
    let defined = averagePrecisions.compactMap { $0 }
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
  }

  /// The value of a metric; nil if it is undefined here, or belongs to another task.
  public func value(of metric: Metric) -> Double? {
    switch metric {
    case .microF1: microF1
    case .macroF1: macroF1
    case .subsetAccuracy: subsetAccuracy
    case .meanAveragePrecision: meanAveragePrecision
    case .loss: loss ?? logLoss
    default: nil
    }
  }
}
