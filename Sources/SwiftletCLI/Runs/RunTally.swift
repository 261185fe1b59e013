import Swiftlet

/// Counts of classified rows.
struct RunTally: Equatable {
  /// Of one label.
  struct Label: Equatable {
    var count = 0
    var scoreSum = 0.0

    /// The mean of the scores; nil without any.
    var meanScore: Double? { count > 0 ? scoreSum / Double(count) : nil }
  }

  private(set) var rows = 0
  private(set) var empty = 0
  private(set) var truncated = 0
  /// Rows without an answer because of an error.
  private(set) var errors = 0
  /// Rows without a decision, because the best score is below `--minimum-score`, or without an accepted
  /// label.
  private(set) var undecided = 0
  /// By the index of the label.
  private(set) var labels: [Label]

  init(labelCount: Int) { labels = Array(repeating: Label(), count: labelCount) }

  /// The rows that have an answer.
  var answered: Int { rows - empty - errors }

  /// Adds a row; `scores` are those that count, with the indices of their labels.
  mutating func add(_ row: AnsweredText<Classification>, _ scores: [(label: Int, score: Float)]) {
    rows += 1
    guard let answer = row.answer else {
      if row.text.problem == nil { empty += 1 } else { errors += 1 }
      return
    }
    if answer.isTruncated { truncated += 1 }
    if answer.decision == nil || scores.isEmpty { undecided += 1 }
    for (label, score) in scores {
      labels[label].count += 1
      labels[label].scoreSum += Double(score)
    }
  }

  static func += (sum: inout RunTally, other: RunTally) {
    sum.rows += other.rows
    sum.empty += other.empty
    sum.truncated += other.truncated
    sum.errors += other.errors
    sum.undecided += other.undecided
    for (index, label) in other.labels.enumerated() {
      sum.labels[index].count += label.count
      sum.labels[index].scoreSum += label.scoreSum
    }
  }
}
