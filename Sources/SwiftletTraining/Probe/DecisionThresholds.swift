/// Finds thresholds for scores of one label, which count as positive at `score >= threshold`.
package enum DecisionThresholds {
  /// A threshold and what it achieves on the rows that it was fitted on.
  package struct Choice: Sendable, Equatable {
    package let threshold: Float
    package let precision: Double
    package let recall: Double

    package var f1: Double {
      precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }
  }

  /// Returns the threshold with the largest F1; among equal ones the nearest to 0.5.
  ///
  /// A threshold is the middle between two scores, or at 0.5 if that is between them. Without
  /// positive rows it is 0.5.
  package static func maximizingF1(scores: [Float], targets: [Bool]) -> Choice {
    let choices = candidates(scores, targets)
    guard targets.contains(true), var best = choices.first else {
      return Choice(threshold: 0.5, precision: 0, recall: 0)
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
  package static func reaching(
    precision: Double, scores: [Float], targets: [Bool]
  ) -> Choice? {
    var best: Choice?
    for choice in candidates(scores, targets)
    where choice.recall > 0 && choice.precision >= precision {
      guard let other = best else {
        best = choice
        continue
      }
      let found = (choice.recall, choice.precision, -abs(choice.threshold - 0.5))
      if found > (other.recall, other.precision, -abs(other.threshold - 0.5)) { best = choice }
    }
    return best
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
          threshold: between(below, score),
          precision: Double(positives) / Double(rows.count - index),
          recall: total > 0 ? Double(positives) / Double(total) : 0))
      while index < rows.count, rows[index].0 == score {
        positives -= rows[index].1 ? 1 : 0
        index += 1
      }
    }
    return choices
  }

  /// A threshold above `low`, at most `high`.
  private static func between(_ low: Float, _ high: Float) -> Float {
    if low < 0.5, 0.5 <= high { return 0.5 }
    let middle = low + (high - low) / 2
    return middle > low ? middle : high
  }
}
