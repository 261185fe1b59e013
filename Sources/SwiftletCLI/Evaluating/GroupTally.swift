import SwiftletTraining

/// Figures for each value of a column.
struct GroupTally {
  struct Group {
    let name: String
    /// Rows whose labels are all right.
    var exact = Proportion()
    fileprivate var hits: [Int]
    fileprivate var predicted: [Int]
    fileprivate var support: [Int]
    fileprivate var calibration = CalibrationCounter()
    fileprivate var answers = 0

    /// The mean of F1 over the labels that are in the group or among its predictions.
    var macroF1: Double {
      let seen = hits.indices.filter { predicted[$0] + support[$0] > 0 }
      let sum = seen.reduce(0) { $0 + f1(hits[$1], predicted[$1] + support[$1]) }
      return seen.isEmpty ? 0 : sum / Double(seen.count)
    }

    /// F1 over the counts of all labels.
    var microF1: Double {
      f1(hits.reduce(0, +), predicted.reduce(0, +) + support.reduce(0, +))
    }

    var calibrationError: Double { calibration.error(ofRows: Double(max(1, answers))) }

    private func f1(_ hits: Int, _ both: Int) -> Double {
      both > 0 ? 2 * Double(hits) / Double(both) : 0
    }
  }

  /// More different values are an error, because each takes memory and a line.
  static let limit = 10_000

  private var groups: [Group] = []
  private var places: [String: Int] = [:]
  private let labelCount: Int

  init(labelCount: Int) { self.labelCount = labelCount }

  var count: Int { groups.count }

  /// The groups, the largest first, equal ones by name.
  var sorted: [Group] {
    groups.sorted { left, right in
      left.exact.total == right.exact.total
        ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        : left.exact.total > right.exact.total
    }
  }

  mutating func add(_ outcome: RowOutcome, to name: String) {
    let place = place(of: name)
    groups[place].exact = Proportion(
      count: groups[place].exact.count + (outcome.isCorrect ? 1 : 0),
      total: groups[place].exact.total + 1)
    for label in outcome.expected { groups[place].support[label] += 1 }
    for label in outcome.predicted {
      groups[place].predicted[label] += 1
      if outcome.expected.contains(label) { groups[place].hits[label] += 1 }
    }
    let asked = outcome.isSeveral ? Array(outcome.scores.indices) : outcome.predicted
    for label in asked {
      groups[place].answers += 1
      groups[place].calibration.add(
        confidence: Double(outcome.scores[label]), isCorrect: outcome.expected.contains(label))
    }
  }

  private mutating func place(of name: String) -> Int {
    if let place = places[name] { return place }
    let zeros = [Int](repeating: 0, count: labelCount)
    places[name] = groups.count
    groups.append(Group(name: name, hits: zeros, predicted: zeros, support: zeros))
    return groups.count - 1
  }
}

/// How often the score of each label was in each of 20 ranges, for rows with the label and without.
struct ScoreHistograms {
  static let binCount = 20

  /// `with[label][bin]`: rows that have the label.
  private(set) var with: [[Int]]
  /// `without[label][bin]`: rows that have others.
  private(set) var without: [[Int]]

  init(labelCount: Int) {
    let bins = [Int](repeating: 0, count: Self.binCount)
    with = [[Int]](repeating: bins, count: labelCount)
    without = with
  }

  mutating func add(_ outcome: RowOutcome) {
    for (label, score) in outcome.scores.enumerated() where !score.isNaN {
      let bin = Int(max(0, min(Float(Self.binCount - 1), score * Float(Self.binCount))))
      if outcome.expected.contains(label) {
        with[label][bin] += 1
      } else {
        without[label][bin] += 1
      }
    }
  }
}
