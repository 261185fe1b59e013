import SwiftletKernelCore

/// Loss and metrics of examples.
package struct EvaluationResult<Metrics: EvaluationMetrics>: Sendable, Equatable {
  /// The mean loss of the batches, weighted by their examples; nil if none has a label.
  package var loss: Double?
  package var metrics: Metrics
  /// The one label of all predictions, if the examples have several.
  package var collapsedLabel: String?

  /// The value of a metric; NaN if it is not defined.
  package func value(of metric: Metric) -> Double {
    (metric == .loss ? loss : metrics.value(of: metric)) ?? .nan
  }
}

extension GroupRunner {
  package typealias Metrics = Objective.Accumulator.Metrics

  /// Evaluates all examples, in batches of `batchSize`.
  ///
  /// Memory does not grow with the number of examples, except for what the metrics keep.
  ///
  /// - Returns: Loss and metrics of all examples.
  /// - Throws: What the network throws, `MemoryError`, or, if cancelled, ``Interruption``.
  package func evaluate(
    _ objective: Objective, batchSize: Int
  ) throws -> EvaluationResult<Metrics> {
    var accumulator = objective.makeAccumulator()
    var sum = 0.0
    var examples = 0
    for first in stride(from: 0, to: objective.exampleCount, by: batchSize) {
      let indices = Array(first..<min(first + batchSize, objective.exampleCount))
      let group = ExampleGroup(examples: indices, epoch: 0, step: 0, isTraining: false)
      guard let loss = try evaluate(group, objective, &accumulator) else { continue }
      sum += loss * Double(indices.count)
      examples += indices.count
    }
    let loss = examples > 0 ? sum / Double(examples) : nil
    return EvaluationResult(
      loss: loss, metrics: accumulator.metrics(loss: loss),
      collapsedLabel: accumulator.collapsedLabel)
  }

  /// Adds the rows of a group, and returns its mean loss; nil if it has no label.
  private func evaluate(
    _ group: ExampleGroup, _ objective: Objective, _ accumulator: inout Objective.Accumulator
  ) throws -> Double? {
    let normalizer = objective.normalizer(of: group)
    var loss = 0.0
    func addLoss(_ range: Range<Int>, _ rows: Matrix<Float>) throws {
      let gradient = try gradients.matrix(rows: rows.rows, columns: rows.columns)
      loss += objective.loss(
        of: range, in: group, outputs: rows, normalizer: normalizer, gradient: gradient)
    }
    let needsWhole = objective.lossScope == .group && normalizer > 0
    outputs.removeAll()
    var columns = 0
    try forEachPass(of: group, objective, ranges: cut(group, objective)) { range, rows in
      accumulator.add(range, of: group, outputs: rows)
      if needsWhole {
        columns = rows.columns
        try outputs.append(rows)
      } else if normalizer > 0 {
        try addLoss(range, rows)
      }
    }
    if needsWhole { try addLoss(group.examples.indices, outputs.appended(columns: columns)) }
    return normalizer > 0 ? loss : nil
  }
}
