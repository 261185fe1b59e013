import Glibc

/// Calibrates scores, so that about 80 % of the answers with a score of 0.8 are correct.
///
/// Guo et al., "On Calibration of Modern Neural Networks", 2017.
public enum Calibration {
  /// Finds the temperature of softmax that maximises the likelihood of the correct labels.
  ///
  /// - Parameters:
  ///   - logits: The logits of examples that the model was not trained on.
  ///   - labels: The index of each example's correct label.
  /// - Returns: A number between 0.05 and 20 for ``ClassificationOptions/temperature``.
  /// - Throws: ``SwiftletError/invalidOption(reason:)`` without examples, or for a label that the
  ///   logits do not have.
  public static func temperature(logits: [[Float]], labels: [Int]) throws(SwiftletError) -> Float {
    guard !logits.isEmpty, logits.count == labels.count,
      zip(logits, labels).allSatisfy({ $0.indices.contains($1) && $0.allSatisfy(\.isFinite) })
    else {
      throw .invalidOption(
        reason: "calibration needs at least one example, each with finite logits and a valid label")
    }
    // The loss is convex in 1 / T, so a golden-section search over log T finds its minimum.
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (log(0.05), log(20.0))
    for _ in 0..<60 {
      let (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
      if loss(logits, labels, exp(left)) < loss(logits, labels, exp(right)) {
        high = right
      } else {
        low = left
      }
    }
    return Float(exp((low + high) / 2))
  }

  /// Returns the negative log likelihood of the correct labels.
  private static func loss(_ logits: [[Float]], _ labels: [Int], _ temperature: Double) -> Double {
    zip(logits, labels).reduce(0) { sum, example in
      let values = example.0.map { Double($0) / temperature }
      let largest = values.max() ?? 0
      return sum + largest + log(values.reduce(0) { $0 + exp($1 - largest) }) - values[example.1]
    }
  }
}
