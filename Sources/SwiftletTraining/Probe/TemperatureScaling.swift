import Glibc

/// Finds the temperature by which logits are divided so that scores equal shares of correct answers.
///
/// Guo et al., "On Calibration of Modern Neural Networks", 2017. The loss is convex in 1 / T, so Newton's
/// method on log T, kept within a bracket that bisection shrinks, always finds the minimum.
package enum TemperatureScaling {
  /// The temperatures that ``fit(logits:labels:classCount:)`` returns. Rows that are all correct have
  /// their minimum at 0, which becomes the lower bound.
  package static let bounds = 0.05...20.0

  /// Returns the temperature of softmax that minimises the negative log-likelihood of the labels.
  ///
  /// - Parameters:
  ///   - logits: The logits of validation rows, [rows, classes].
  ///   - labels: The class of each row; a negative number for a row without a label, which is skipped.
  ///   - classCount: The number of classes.
  /// - Returns: 1 where no temperature is better, as without rows or with equal logits.
  package static func fit(logits: [Float], labels: [Int], classCount: Int) -> Double {
    fit { sharpness in
      var (slope, curvature) = (0.0, 0.0)
      for (row, label) in labels.enumerated() where label >= 0 {
        let values = logits[row * classCount..<(row + 1) * classCount].map(Double.init)
        let largest = values.max() ?? 0
        // Relative to the largest, so that small derivatives of sure rows are not rounded away.
        let offsets = values.map { $0 - largest }
        let moments = moments(offsets, sharpness)
        slope += moments.mean - offsets[label]
        curvature += moments.variance
      }
      return (slope, curvature)
    }
  }

  /// Returns the temperature of one sigmoid for each label, [rows, labels].
  package static func fit(logits: [Float], targets: [Bool]) -> Double {
    fit { sharpness in
      var (slope, curvature) = (0.0, 0.0)
      for (logit, target) in zip(logits, targets) {
        let score = Double(logit)
        let probability = 1 / (1 + exp(-sharpness * score))
        slope += score * (probability - (target ? 1 : 0))
        curvature += score * score * probability * (1 - probability)
      }
      return (slope, curvature)
    }
  }

  /// Finds the zero of the derivative with respect to the sharpness 1 / T.
  private static func fit(
    _ derivatives: (_ sharpness: Double) -> (slope: Double, curvature: Double)
  ) -> Double {
    var (low, high) = (-log(bounds.upperBound), -log(bounds.lowerBound))
    let start = derivatives(1).slope
    guard start.isFinite, start != 0 else { return 1 }
    if derivatives(exp(high)).slope <= 0 { return bounds.lowerBound }
    if derivatives(exp(low)).slope >= 0 { return bounds.upperBound }
    var position = 0.0
    for _ in 0..<100 {
      let sharpness = exp(position)
      let (slope, curvature) = derivatives(sharpness)
      guard slope.isFinite, slope != 0 else { break }
      if slope > 0 { high = position } else { low = position }
      let newton = position - slope / (curvature * sharpness)
      let next = newton > low && newton < high ? newton : (low + high) / 2
      let moved = abs(next - position)
      position = next
      if moved < 1e-13 { break }
    }
    return min(max(exp(-position), bounds.lowerBound), bounds.upperBound)
  }

  /// The mean and variance of offsets, whose largest is 0, under softmax(sharpness · offsets).
  private static func moments(
    _ offsets: [Double], _ sharpness: Double
  ) -> (mean: Double, variance: Double) {
    var (total, sum, squares) = (0.0, 0.0, 0.0)
    for offset in offsets {
      let weight = exp(sharpness * offset)
      total += weight
      sum += weight * offset
      squares += weight * offset * offset
    }
    let mean = sum / total
    return (mean, max(squares / total - mean * mean, 0))
  }
}
