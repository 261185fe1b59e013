/// How often something was so, among a number of cases.
public struct Proportion: Sendable, Equatable {
  /// The cases in which it was so.
  public var count: Int
  /// All cases.
  public var total: Int

  /// No case yet, unless counts are given.
  public init(count: Int = 0, total: Int = 0) {
    self.count = count
    self.total = total
  }

  /// Adds one case.
  mutating func add(_ isSo: Bool) {
    count += isSo ? 1 : 0
    total += 1
  }

  /// count / total; 0 without cases.
  public var value: Double { total > 0 ? Double(count) / Double(total) : 0 }

  /// The 95 % confidence interval. Wilson, "Probable Inference, the Law of Succession, and
  /// Statistical Inference", 1927.
  public var interval: ClosedRange<Double> {
    guard total > 0 else { return 0...1 }
    let quantile = 1.959_963_984_540_054
    let cases = Double(total)
    let square = quantile * quantile / cases
    let center = (value + square / 2) / (1 + square)
    let spread = value * (1 - value) / cases + square / (4 * cases)
    let radius = quantile * spread.squareRoot() / (1 + square)
    return max(0, center - radius)...min(1, center + radius)
  }
}
