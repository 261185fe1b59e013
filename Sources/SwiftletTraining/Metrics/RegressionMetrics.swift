/// How close predicted numbers are to the true ones.
public struct RegressionMetrics: EvaluationMetrics {
  /// The numbers that were compared.
  public let count: Int
  /// The mean squared error.
  public let mse: Double
  /// The mean absolute error.
  public let mae: Double
  /// Pearson's correlation.
  public let pearson: Correlation
  /// Spearman's rank correlation.
  public let spearman: Correlation
  /// The mean of the training's loss, if it was computed.
  public package(set) var loss: Double?

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    count: Int, mse: Double, mae: Double, pearson: Correlation, spearman: Correlation,
    loss: Double? = nil
  ) {
    self.count = count
    self.mse = mse
    self.mae = mae
    self.pearson = pearson
    self.spearman = spearman
    self.loss = loss
  }

  /// The value of a metric; nil if it is undefined here, or belongs to another task.
  public func value(of metric: Metric) -> Double? {
    switch metric {
    case .mse: mse
    case .mae: mae
    case .pearson: pearson.number
    case .spearman: spearman.number
    case .loss: loss ?? mse
    default: nil
    }
  }
}

/// Collects numbers for ``RegressionMetrics``. It keeps all of them, which ranks need.
package struct RegressionCounter: Sendable {
  private var predictions: [Double] = []
  private var targets: [Double] = []

  package init() {}

  /// Adds one number; a row with several outputs adds each of them.
  package mutating func add(prediction: Double, target: Double) {
    predictions.append(prediction)
    targets.append(target)
  }

  /// The metrics of the numbers so far; errors are 0 without any.
  package func metrics() -> RegressionMetrics {
    var (squares, magnitudes) = (0.0, 0.0)
    for (prediction, target) in zip(predictions, targets) {
      squares += (prediction - target) * (prediction - target)
      magnitudes += (prediction - target).magnitude
    }
    let count = Double(max(1, targets.count))
    return RegressionMetrics(
      count: targets.count, mse: squares / count, mae: magnitudes / count,
      pearson: .pearson(predictions: predictions, targets: targets),
      spearman: .spearman(predictions: predictions, targets: targets))
  }
}
