package import SwiftletEncoder
import SwiftletKernelCore

/// The caller wants no further result; the weights are those of the last complete step.
package struct Interruption: Error {
  package init() {}
}

/// A loss that is NaN or infinite.
struct NonFiniteLoss: Error {
  let examples: [Int]
}

/// Computes groups of examples in passes of at most `budget` tokens. No result depends on the budget.
package final class GroupRunner<Network: TrainableNetwork, Objective: TrainingObjective> {
  private let network: Network
  private let budget: Int
  private let cancellation: Cancellation
  private var batch = PackedBatch()
  let gradients: RowBuffer
  let outputs: RowBuffer

  /// - Throws: `MemoryError` if the system refuses memory.
  package init(_ network: Network, budget: Int, cancellation: Cancellation) throws {
    self.network = network
    self.budget = budget
    self.cancellation = cancellation
    gradients = try RowBuffer()
    outputs = try RowBuffer()
  }

  /// Adds the gradients of a group's mean loss to the network's.
  ///
  /// - Parameters:
  ///   - group: At least one example.
  ///   - objective: Has the examples.
  ///   - normalizer: The objective's divisor for the group; not 0.
  /// - Returns: The mean loss.
  /// - Throws: `NonFiniteLoss`, `Interruption`, `MemoryError`, or what the network throws.
  func addGradients(
    of group: ExampleGroup, _ objective: Objective, normalizer: Double
  ) throws -> Double {
    let ranges = cut(group, objective)
    if objective.lossScope == .group, ranges.count > 1 {
      return try addGradientsOfWhole(group, objective, ranges: ranges, normalizer: normalizer)
    }
    var loss = 0.0
    try forEachPass(of: group, objective, ranges: ranges) { range, rows in
      let gradient = try gradients.matrix(rows: rows.rows, columns: rows.columns)
      loss += objective.loss(
        of: range, in: group, outputs: rows, normalizer: normalizer, gradient: gradient)
      guard loss.isFinite else { throw NonFiniteLoss(examples: Array(group.examples[range])) }
      network.backward(gradient)
    }
    return loss
  }

  /// The loss needs all rows before any gradient: the passes run once for the rows, and once more, with the
  /// same dropout, for the gradients. See "Scaling Deep Contrastive Learning Batch Size under Memory Limited
  /// Setup" (arXiv 2101.06983).
  private func addGradientsOfWhole(
    _ group: ExampleGroup, _ objective: Objective, ranges: [Range<Int>], normalizer: Double
  ) throws -> Double {
    let rows = try collect(group, objective, ranges: ranges)
    let gradient = try gradients.matrix(rows: rows.rows, columns: rows.columns)
    let loss = objective.loss(
      of: group.examples.indices, in: group, outputs: rows, normalizer: normalizer,
      gradient: gradient)
    guard loss.isFinite else { throw NonFiniteLoss(examples: group.examples) }
    var first = 0
    try forEachPass(of: group, objective, ranges: ranges) { _, rows in
      network.backward(gradient.rows(first..<first + rows.rows))
      first += rows.rows
    }
    return loss
  }

  private func collect(
    _ group: ExampleGroup, _ objective: Objective, ranges: [Range<Int>]
  ) throws -> Matrix<Float> {
    outputs.removeAll()
    var columns = 0
    try forEachPass(of: group, objective, ranges: ranges) { _, rows in
      columns = rows.columns
      try outputs.append(rows)
    }
    return outputs.appended(columns: columns)
  }

  func cut(_ group: ExampleGroup, _ objective: Objective) -> [Range<Int>] {
    PassCut.ranges(
      tokenCounts: group.examples.map { objective.tokenCount(of: $0) }, budget: budget)
  }

  /// Calls `body` with the examples and the output rows of each pass.
  func forEachPass(
    of group: ExampleGroup, _ objective: Objective, ranges: [Range<Int>],
    _ body: (Range<Int>, Matrix<Float>) throws -> Void
  ) throws {
    var firstSequence = 0
    for range in ranges {
      if cancellation.isCancelled { throw Interruption() }
      batch.removeAll()
      objective.append(range, of: group, to: &batch)
      let rows = try network.forward(
        batch, step: group.step, firstSequence: firstSequence, training: group.isTraining)
      try body(range, rows)
      firstSequence += batch.sequenceCount
    }
  }
}
