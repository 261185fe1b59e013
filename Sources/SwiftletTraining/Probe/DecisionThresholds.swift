/// Finds thresholds for scores of one label, which count as positive at `score >= threshold`.
public enum DecisionThresholds {
  /// A threshold and what it achieves on the rows that it was fitted on.
  public struct Choice: Sendable, Equatable {
    /// The lowest score that counts as positive. Fitted thresholds have as few digits as the scores around
    /// them allow.
    public let threshold: Float
    /// The rows of the label among those that reach the threshold, with a 95 % interval.
    public let precisionShare: Proportion
    /// The rows that reach the threshold among those of the label, with a 95 % interval.
    public let recallShare: Proportion

    /// The share of rows that reach the threshold which have the label; 0 if none reaches it.
    public var precision: Double { precisionShare.value }
    /// The share of rows with the label which reach the threshold; 0 without such rows.
    public var recall: Double { recallShare.value }
    /// The harmonic mean of precision and recall.
    public var f1: Double {
      precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }

    /// Creates a choice from the rows that reach the threshold.
    ///
    /// - Parameters:
    ///   - threshold: The lowest score that counts as positive.
    ///   - hits: The rows with the label that reach the threshold.
    ///   - accepted: All rows that reach it.
    ///   - positives: All rows with the label.
    public init(threshold: Float, hits: Int, accepted: Int, positives: Int) {
      self.threshold = threshold
      precisionShare = Proportion(count: hits, total: accepted)
      recallShare = Proportion(count: hits, total: positives)
    }
  }

  /// Returns the threshold with the largest F1; among equal ones the nearest to 0.5.
  ///
  /// A threshold is near the middle between two scores, or 0.5 if that is between them. Without
  /// positive rows it is 0.5.
  public static func maximizingF1(scores: [Float], targets: [Bool]) -> Choice {
    let choices = candidates(scores, targets)
    guard targets.contains(true), var best = choices.first else {
      return Choice(threshold: 0.5, hits: 0, accepted: 0, positives: 0)
    }
    for choice in choices.dropFirst() {
      let difference = choice.f1 - best.f1
      if difference > 1e-12
        || abs(difference) <= 1e-12 && abs(choice.threshold - 0.5) < abs(best.threshold - 0.5)
      {
        best = choice
      }
    }
    return best
  }

  /// Returns the threshold with the largest recall among those with at least `precision`; nil if there is
  /// none. Among equal recalls the precision decides, then the distance from 0.5.
  ///
  /// - Parameters:
  ///   - precision: The lowest precision, from 0 to 1.
  ///   - scores: The score of the label in each row.
  ///   - targets: Whether each row has the label.
  /// - Returns: The threshold with what it achieves.
  public static func reaching(
    precision: Double, scores: [Float], targets: [Bool]
  ) -> Choice? {
    best(
      candidates(scores, targets).filter { $0.recall > 0 && $0.precision >= precision },
      by: { ($0.recall, $0.precision, -abs($0.threshold - 0.5)) })
  }

  /// Returns the threshold with the largest precision among those with at least `recall`; nil if there is
  /// none. Among equal precisions the recall decides, then the distance from 0.5.
  ///
  /// - Parameters:
  ///   - recall: The lowest recall, above 0 and at most 1.
  ///   - scores: The score of the label in each row.
  ///   - targets: Whether each row has the label.
  /// - Returns: The threshold with what it achieves.
  public static func reaching(recall: Double, scores: [Float], targets: [Bool]) -> Choice? {
    best(
      candidates(scores, targets).filter { $0.recall > 0 && $0.recall >= recall },
      by: { ($0.precision, $0.recall, -abs($0.threshold - 0.5)) })
  }

  private static func best(
    _ choices: [Choice], by rank: (Choice) -> (Double, Double, Float)
  ) -> Choice? {
    choices.max { rank($0) < rank($1) }
  }

  /// Returns a threshold for each label of scores [rows, labels], as ``maximizingF1(scores:targets:)``.
  package static func maximizingF1(
    scores: [Float], targets: [Bool], labelCount: Int
  ) -> [Choice] {
    (0..<labelCount).map { label in
      let places = stride(from: label, to: scores.count, by: labelCount)
      return maximizingF1(scores: places.map { scores[$0] }, targets: places.map { targets[$0] })
    }
  }

  /// A choice for each distinct score, from all rows positive to only the best.
  ///
  /// Scores that are not numbers are never positive.
  private static func candidates(_ scores: [Float], _ targets: [Bool]) -> [Choice] {
    let rows = zip(scores, targets).filter { !$0.0.isNaN }.sorted { $0.0 < $1.0 }
    let total = targets.count { $0 }
    var positives = rows.count { $0.1 }
    var choices: [Choice] = []
    var index = 0
    while index < rows.count {
      let score = rows[index].0
      let below = index > 0 ? rows[index - 1].0 : min(0, score.nextDown)
      choices.append(
        Choice(
          threshold: between(below, score), hits: positives, accepted: rows.count - index,
          positives: total))
      while index < rows.count, rows[index].0 == score {
        positives -= rows[index].1 ? 1 : 0
        index += 1
      }
    }
    return choices
  }

  /// A threshold above `low`, at most `high`: 0.5 if it is between them, otherwise their middle, rounded
  /// to the fewest digits, at least two, that keep it between them.
  private static func between(_ low: Float, _ high: Float) -> Float {
    if low < 0.5, 0.5 <= high { return 0.5 }
    let middle = low + (high - low) / 2
    var scale: Float = 100
    for _ in 0..<5 {
      let short = (middle * scale).rounded() / scale
      if low < short, short < high { return short }
      scale *= 10
    }
    return middle > low ? middle : high
  }
}
