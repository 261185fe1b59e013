import Glibc
package import SwiftletKernelCore

/// Where the answer begins and ends, as tokens of its sequence.
package struct SpanTarget: Sendable, Equatable {
  package let start: Int
  package let end: Int

  package init(start: Int, end: Int) {
    self.start = start
    self.end = end
  }
}

/// The loss of extractive question answering: the mean of two cross-entropies over the tokens of a
/// sequence, of the answer's start (column 0) and of its end (column 1).
///
/// As in transformers, a position is clamped to 0...length, and the value length, an answer outside
/// the window, is ignored. The length is the sequence's own, because a packed batch has no padding.
package struct SpanLoss: Sendable {
  /// How many starts and ends a mean is taken over; one that is 0 contributes no loss.
  package struct Normalizer: Sendable, Equatable {
    package var start = 0.0
    package var end = 0.0

    package init() {}
  }

  package init() {}

  /// The starts and ends inside their sequences, of the whole group that one step averages over.
  package func normalizer(
    for targets: some Collection<SpanTarget>, lengths: some Collection<Int>
  ) -> Normalizer {
    var normalizer = Normalizer()
    for (target, length) in zip(targets, lengths) {
      normalizer.start += Self.isInside(target.start, length) ? 1 : 0
      normalizer.end += Self.isInside(target.end, length) ? 1 : 0
    }
    return normalizer
  }

  /// Returns (Σ start losses / normalizer.start + Σ end losses / normalizer.end) / 2 and writes its
  /// gradient.
  ///
  /// - Parameters:
  ///   - outputs: [tokens of all sequences, 2]
  ///   - targets: one for each sequence.
  ///   - lengths: tokens of each sequence, in the order of the rows.
  ///   - normalizer: of the whole group.
  ///   - gradient: [tokens of all sequences, 2]; it may be the memory of `outputs`.
  /// - Returns: the loss of these sequences as a part of the group's.
  package func callAsFunction(
    _ outputs: Matrix<Float>, targets: some Collection<SpanTarget>, lengths: some Collection<Int>,
    normalizer: Normalizer, gradient: Matrix<Float>
  ) -> Double {
    outputs.requireShape(of: gradient)
    precondition(outputs.columns == 2, "a start and an end for each token")
    precondition(
      targets.count == lengths.count && lengths.reduce(0, +) == outputs.rows,
      "the sequences fill the rows")
    var (first, start, end) = (0, 0.0, 0.0)
    for (target, length) in zip(targets, lengths) {
      let rows = first..<first + length
      let (logits, slopes) = (outputs.rows(rows), gradient.rows(rows))
      start += Self.loss(logits, 0, target: target.start, normalizer.start, slopes)
      end += Self.loss(logits, 1, target: target.end, normalizer.end, slopes)
      first += length
    }
    return (start + end) / 2
  }

  private static func isInside(_ position: Int, _ length: Int) -> Bool { position < length }

  /// The cross-entropy of one column, divided by its normaliser; writes half of its gradient.
  private static func loss(
    _ logits: Matrix<Float>, _ column: Int, target: Int, _ normalizer: Double,
    _ gradient: Matrix<Float>
  ) -> Double {
    guard isInside(target, logits.rows), normalizer > 0 else {
      for row in 0..<gradient.rows { gradient.row(row)[column] = 0 }
      return 0
    }
    let target = max(0, target)
    let targetLogit = Double(logits.row(target)[column])
    var largest = -Double.infinity
    for row in 0..<logits.rows { largest = max(largest, Double(logits.row(row)[column])) }
    var sum = 0.0
    for row in 0..<logits.rows { sum += exp(Double(logits.row(row)[column]) - largest) }
    for row in 0..<logits.rows {
      let probability = exp(Double(logits.row(row)[column]) - largest) / sum
      let slope = probability - (row == target ? 1 : 0)
      gradient.row(row)[column] = Float(slope / (2 * normalizer))
    }
    return (largest + log(sum) - targetLogit) / normalizer
  }
}
