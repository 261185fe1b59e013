/// How well the cosines of pairs of embeddings follow the pairs' scores.
public struct SimilarityMetrics: EvaluationMetrics {
  /// The pairs that were compared.
  public let pairs: Int
  /// Pearson's correlation of cosine and score.
  public let pearson: Correlation
  /// Spearman's rank correlation of cosine and score.
  public let spearman: Correlation
  /// The mean of the training's loss, if it was computed.
  public package(set) var loss: Double?

  /// Creates a result from its parts, for tests of code that uses it.
  public init(pairs: Int, pearson: Correlation, spearman: Correlation, loss: Double? = nil) {
    self.pairs = pairs
    self.pearson = pearson
    self.spearman = spearman
    self.loss = loss
  }

  /// The value of a metric; nil if it is undefined here, or belongs to another task.
  public func value(of metric: Metric) -> Double? {
    switch metric {
    case .pearson: pearson.number
    case .spearman: spearman.number
    case .loss: loss
    default: nil
    }
  }
}

/// Collects pairs for ``SimilarityMetrics``. It keeps two numbers for each pair, which ranks need.
package struct SimilarityCounter: Sendable {
  private var cosines: [Double] = []
  private var scores: [Double] = []

  package init() {}

  /// Adds one pair of embeddings of `width` numbers.
  package mutating func add(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, width: Int, score: Double
  ) {
    cosines.append(CosineOfRows(first, second, count: width).value)
    scores.append(score)
  }

  /// The metrics of the pairs so far.
  package func metrics() -> SimilarityMetrics {
    SimilarityMetrics(
      pairs: scores.count, pearson: .pearson(predictions: cosines, targets: scores),
      spearman: .spearman(predictions: cosines, targets: scores))
  }
}
