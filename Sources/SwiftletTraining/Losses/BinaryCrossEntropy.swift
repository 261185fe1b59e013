import Glibc
package import SwiftletKernelCore

/// Binary cross-entropy of logits against 0 or 1 (or a share between) for each label: torch's
/// `nn.BCEWithLogitsLoss` with `pos_weight` and the mean over all elements.
package struct BinaryCrossEntropy: Sendable {
  /// For each label, the weight of its positive examples; nil means 1.
  package let positiveWeights: [Float]?

  package init(positiveWeights: [Float]? = nil) { self.positiveWeights = positiveWeights }

  /// The number of elements, of the whole group that one step averages over.
  package func normalizer(rows: Int, labels: Int) -> Double { Double(rows * labels) }

  /// Returns Σ loss / normalizer over the elements and writes its gradient.
  ///
  /// - Parameters:
  ///   - logits: [rows, labels]
  ///   - targets: [rows, labels], row after row.
  ///   - normalizer: elements of the whole group.
  ///   - gradient: [rows, labels]; it may be the memory of `logits`.
  /// - Returns: the loss of these rows as a part of the group's.
  package func callAsFunction(
    _ logits: Matrix<Float>, targets: UnsafePointer<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    logits.requireShape(of: gradient)
    precondition(
      positiveWeights.map { $0.count == logits.columns } ?? true, "a weight for each label")
    guard normalizer > 0 else {
      gradient.clear()
      return 0
    }
    var sum = 0.0
    for row in 0..<logits.rows {
      let (input, output) = (logits.row(row), gradient.row(row))
      for label in 0..<logits.columns {
        let weight = positiveWeights.map { Double($0[label]) } ?? 1
        let target = Double(targets[row * logits.columns + label])
        let (loss, slope) = Self.element(Double(input[label]), target: target, weight: weight)
        sum += loss
        output[label] = Float(slope / normalizer)
      }
    }
    return sum / normalizer
  }

  /// loss = (1 - y) x + (1 + (w - 1) y) log(1 + e^-x); slope = σ (1 + (w - 1) y) - w y
  static func element(
    _ x: Double, target y: Double, weight: Double
  ) -> (loss: Double, slope: Double) {
    let power = exp(-x.magnitude)
    let sigmoid = (x >= 0 ? 1 : power) / (1 + power)
    let positive = 1 + (weight - 1) * y
    let loss = (1 - y) * x + positive * (log1p(power) + max(-x, 0))
    return (loss, sigmoid * positive - weight * y)
  }
}
