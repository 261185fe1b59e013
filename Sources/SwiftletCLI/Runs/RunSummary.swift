import Swiftlet

/// What a run of `classify` found: counts by label, mean scores, their distribution, and the same for
/// each value of a column.
///
/// Memory is bounded: values of the column after the first ``groupLimit`` are counted together.
final class RunSummary {
  /// The name of the column of groups.
  let groupColumn: String?
  let labels: [String]
  /// Whether rows count for all accepted labels, instead of for the best one.
  let countsAccepted: Bool
  let minimumScore: Float?
  private(set) var total: RunTally
  /// The number of scores in each tenth from 0 to 1, by the index of the label; nil for scores that are
  /// not probabilities.
  private(set) var histograms: [[Int]]?
  /// In the order of their first rows.
  private(set) var groups: [(value: String, tally: RunTally)] = []
  /// The rows of further values; nil if there are none.
  private(set) var others: RunTally?
  private var groupIndex: [String: Int] = [:]
  private let labelIndex: [String: Int]
  private let groupLimit: Int

  /// - Parameters:
  ///   - labels: of the model
  ///   - countsAccepted: whether rows count for their accepted labels
  ///   - hasProbabilities: whether scores are between 0 and 1
  ///   - minimumScore: that of a decision
  ///   - groupColumn: the column whose values are counted separately
  init(
    labels: [String], countsAccepted: Bool = false, hasProbabilities: Bool = true,
    minimumScore: Float? = nil, groupColumn: String? = nil
  ) {
    self.labels = labels
    self.countsAccepted = countsAccepted
    self.minimumScore = minimumScore
    self.groupColumn = groupColumn
    labelIndex = Dictionary(zip(labels, labels.indices)) { first, _ in first }
    total = RunTally(labelCount: labels.count)
    histograms =
      hasProbabilities ? Array(repeating: Array(repeating: 0, count: 10), count: labels.count) : nil
    // At most about 16 MB of counts.
    groupLimit = max(20, min(1000, 1_000_000 / max(labels.count, 1)))
  }

  /// Adds a row with its value of the group column.
  func add(_ row: AnsweredText<Classification>, group: String? = nil) {
    let scores = countedScores(of: row.answer)
    total.add(row, scores)
    for (label, score) in scores {
      histograms?[label][Self.tenth(of: score)] += 1
    }
    if groupColumn != nil { add(row, scores, toGroup: group ?? "") }
  }

  private func add(
    _ row: AnsweredText<Classification>, _ scores: [(label: Int, score: Float)],
    toGroup value: String
  ) {
    if let index = groupIndex[value] {
      groups[index].tally.add(row, scores)
    } else if groups.count < groupLimit {
      groupIndex[value] = groups.count
      groups.append((value, RunTally(labelCount: labels.count)))
      groups[groups.count - 1].tally.add(row, scores)
    } else {
      var tally = others ?? RunTally(labelCount: labels.count)
      others = nil
      tally.add(row, scores)
      others = tally
    }
  }

  private func countedScores(of answer: Classification?) -> [(label: Int, score: Float)] {
    guard let answer else { return [] }
    let scores = countsAccepted ? answer.accepted : Array(answer.scores.prefix(1))
    return scores.compactMap { scored in labelIndex[scored.label].map { ($0, scored.score) } }
  }

  /// The index of the tenth from 0 to 1 that has a score; the first one for NaN.
  private static func tenth(of score: Float) -> Int {
    score.isNaN ? 0 : min(Int(min(max(score, 0), 1) * 10), 9)
  }

  /// The groups with the most rows, equal ones in their order, and all other rows together.
  func largestGroups(_ count: Int) -> (
    groups: [(value: String, tally: RunTally)], others: RunTally?
  ) {
    let order = groups.indices.sorted {
      let (left, right) = (groups[$0].tally.rows, groups[$1].tally.rows)
      return left == right ? $0 < $1 : left > right
    }
    var rest = others
    for index in order.dropFirst(count) {
      var sum = rest ?? RunTally(labelCount: labels.count)
      sum += groups[index].tally
      rest = sum
    }
    return (order.prefix(count).map { groups[$0] }, rest)
  }
}
