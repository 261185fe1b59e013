import SwiftletSystem

/// The parts of the data, of which each is evaluated by a training on all others.
package struct CrossValidation: Sendable, Equatable {
  /// The rows of each part, ascending.
  package let folds: [[Int]]

  /// - Parameter folds: At least two parts, each row in one of them, as `DataSplit.folds` returns them.
  package init(folds: [[Int]]) {
    requirePrecondition(folds.count >= 2, "a cross-validation has two parts or more")
    self.folds = folds
  }

  /// The rows to train on when a part is evaluated, ascending.
  package func trainingRows(without fold: Int) -> [Int] {
    folds.enumerated().filter { $0.offset != fold }.flatMap(\.element).sorted()
  }
}

/// The metrics of a cross-validation.
package struct CrossValidationResult: Sendable, Equatable {
  /// A metric over all parts.
  package struct Summary: Sendable, Equatable {
    /// What was measured.
    package let metric: Metric
    /// The mean over the parts; NaN if it is not defined for one of them.
    package let mean: Double
    /// The standard deviation of the parts, with the divisor n - 1.
    package let deviation: Double
  }

  /// The metrics of each part.
  package let folds: [[MetricValue]]
  /// Mean and deviation of each metric.
  package let summaries: [Summary]

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
