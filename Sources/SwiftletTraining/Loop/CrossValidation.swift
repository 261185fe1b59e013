import SwiftletSystem

/// Training on all parts of the data except one, and evaluation on that one, for each part.
package struct CrossValidation: Sendable, Equatable {
  /// The rows of each part, ascending.
  package let folds: [[Int]]

  /// Cuts rows into parts that have each label as often as possible.
  ///
  /// The rows of a label are dealt to one part after the other in the given order. The next label continues
  /// with the next part, so that sizes differ by one row at most, as in scikit-learn's `StratifiedKFold`.
  ///
  /// - Parameters:
  ///   - labels: The label of each row, from 0; the same for all rows of a task without labels.
  ///   - count: The number of parts.
  ///   - order: The rows in the random order of a seed, each once.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for fewer than 2 parts or rows for them.
  package init(labels: [Int], count: Int, order: [Int32]) throws(TrainingError) {
    requirePrecondition(order.count == labels.count, "an order has every row")
    guard count >= 2 else {
      throw .invalidOption(
        name: "--cross-validate", reason: "is \(count), but must be at least 2 parts")
    }
    guard count <= labels.count else {
      throw .invalidOption(
        name: "--cross-validate",
        reason: "is \(count) parts, but there are only \(labels.count) rows")
    }
    var rows = Array(repeating: [Int](), count: (labels.max() ?? 0) + 1)
    for row in order { rows[labels[Int(row)]].append(Int(row)) }
    var folds = Array(repeating: [Int](), count: count)
    for (place, row) in rows.joined().enumerated() { folds[place % count].append(row) }
    self.folds = folds.map { $0.sorted() }
  }

  /// The rows to train on when a part is evaluated, ascending.
  package func trainingRows(without fold: Int) -> [Int] {
    folds.enumerated().filter { $0.offset != fold }.flatMap(\.element).sorted()
  }

  /// Trains once for each part, in order.
  ///
  /// - Parameter train: Trains on rows, and returns the metrics of other rows.
  /// - Returns: The metrics of all parts.
  /// - Throws: What `train` throws.
  package func run(
    _ train: (_ fold: Int, _ training: [Int], _ validation: [Int]) async throws -> [MetricValue]
  ) async throws -> CrossValidationResult {
    var results: [[MetricValue]] = []
    for (index, rows) in folds.enumerated() {
      results.append(try await train(index, trainingRows(without: index), rows))
    }
    return CrossValidationResult(folds: results)
  }
}

/// The metrics of a cross-validation.
public struct CrossValidationResult: Sendable, Equatable {
  /// A metric over all parts.
  public struct Summary: Sendable, Equatable {
    /// What was measured.
    public let metric: Metric
    /// The mean over the parts; NaN if it is not defined for one of them.
    public let mean: Double
    /// The standard deviation of the parts, with the divisor n - 1.
    public let deviation: Double
  }

  /// The metrics of each part.
  public let folds: [[MetricValue]]
  /// Mean and deviation of each metric.
  public let summaries: [Summary]

  /// - Parameter folds: The same metrics in the same order for each part, of which there are at least two.
  package init(folds: [[MetricValue]]) {
    requirePrecondition(
      folds.count >= 2 && folds.allSatisfy { $0.map(\.metric) == folds[0].map(\.metric) },
      "all parts have the same metrics")
    self.folds = folds
    summaries = folds[0].indices.map { index in
      let values = folds.map { $0[index].value }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return Summary(
        metric: folds[0][index].metric, mean: mean,
        deviation: (squares / Double(values.count - 1)).squareRoot())
    }
  }
}
