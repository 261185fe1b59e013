/// How well a classifier with one label for each text does.
public struct ClassificationMetrics: EvaluationMetrics {
  /// The rows with the right label; its value is the accuracy, with a 95 % interval.
  public let correct: Proportion
  /// One score for each label, in the model's order.
  public let perClass: [ClassScore]
  /// The rows of each true label (first index) and predicted label (second index).
  public let confusion: [[Int]]
  /// The mean of -log p of the true label.
  public let logLoss: Double
  /// The expected difference of confidence and accuracy over 15 bins of equal width. Guo et al.,
  /// "On Calibration of Modern Neural Networks", 2017.
  public let calibrationError: Double
  /// The 15 bins of the calibration error, from the lowest confidence to the highest; a row's confidence
  /// is its highest probability.
  public let calibrationBins: [CalibrationBin]
  /// The mean over rows of Σ (p - y)² over the labels, from 0 to 2.
  public let brierScore: Double
  /// The mean of the training's loss, with its class weights and smoothing, if it was computed.
  public package(set) var loss: Double?

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    correct: Proportion, perClass: [ClassScore], confusion: [[Int]], logLoss: Double,
    calibrationError: Double, calibrationBins: [CalibrationBin], brierScore: Double,
    loss: Double? = nil
  ) {
    self.correct = correct
    self.perClass = perClass
    self.confusion = confusion
    self.logLoss = logLoss
    self.calibrationError = calibrationError
    self.calibrationBins = calibrationBins
    self.brierScore = brierScore
    self.loss = loss
  }

  /// The rows that were evaluated.
  public var rows: Int { correct.total }
  /// The share of rows with the right label.
  public var accuracy: Double { correct.value }
  /// The mean of F1 over the labels that are in the data or among the predictions, as in
  /// scikit-learn.
  public var macroF1: Double { ClassScore.mean(perClass.filter(\.isSeen)) }
  /// F1 over the counts of all labels. With one label for each row, it is the accuracy.
  public var microF1: Double { ClassScore.sum(perClass).f1 }
  /// The mean of F1 with each label's number of rows as weight.
  public var weightedF1: Double {
    guard rows > 0 else { return 0 }
    return perClass.reduce(0) { $0 + $1.f1 * Double($1.support) } / Double(rows)
  }

  /// The value of a metric; nil if it belongs to another task.
  public func value(of metric: Metric) -> Double? {
    switch metric {
    case .accuracy: accuracy
    case .macroF1: macroF1
    case .microF1: microF1
    case .weightedF1: weightedF1
    case .calibrationError: calibrationError
    case .brierScore: brierScore
    case .loss: loss ?? logLoss
    default: nil
    }
  }
}
