/// The answers whose confidence is in one range, and how many of them are right.
public struct CalibrationBin: Sendable, Equatable {
  /// The range of confidences: above the lower bound (the first bin also has it), up to the upper one.
  public let range: ClosedRange<Double>
  /// The answers of the bin that are right; its value is their accuracy, with a 95 % interval.
  public let correct: Proportion
  /// The mean confidence of the bin's answers; 0 without answers.
  public let confidence: Double

  /// Creates a bin.
  public init(range: ClosedRange<Double>, correct: Proportion, confidence: Double) {
    self.range = range
    self.correct = correct
    self.confidence = confidence
  }
}

/// Collects confidences in 15 bins of equal width. Guo et al., "On Calibration of Modern Neural
/// Networks", 2017.
package struct CalibrationCounter: Sendable {
  private static let binCount = 15

  private var counts = [Proportion](repeating: Proportion(), count: binCount)
  private var sums = [Double](repeating: 0, count: binCount)

  package init() {}

  /// Adds an answer; bin i has the confidences in (i / 15, (i + 1) / 15]. NaN is in no bin.
  package mutating func add(confidence: Double, isCorrect: Bool) {
    guard !confidence.isNaN else { return }
    let width = Double(Self.binCount)
    let bin = Int(max(1, min(width, (confidence * width).rounded(.up)))) - 1
    counts[bin].add(isCorrect)
    sums[bin] += confidence
  }

  /// The bins, from the lowest confidence to the highest.
  package var bins: [CalibrationBin] {
    counts.indices.map { bin in
      CalibrationBin(
        range: Double(bin) / Double(Self.binCount)...Double(bin + 1) / Double(Self.binCount),
        correct: counts[bin], confidence: sums[bin] / Double(max(1, counts[bin].total)))
    }
  }

  /// The mean difference of confidence and accuracy, weighted by the answers of each bin.
  package func error(ofRows rows: Double) -> Double {
    zip(sums, counts).reduce(0) { $0 + abs($1.0 - Double($1.1.count)) } / rows
  }
}
