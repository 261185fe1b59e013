import SwiftletSystem

/// Pairs of rows for contrastive training, positive if their labels agree, as SetFit makes them.
///
/// SetFit lists all pairs, and fails on memory at a few thousand rows; here only counts are held, one for
/// each set of labels, and pair number `index` is computed when it is asked for. Positive and negative
/// pairs alternate until one kind ends. The order depends on the seed alone.
package struct PairSampler: Sendable {
  /// How many pairs there are.
  package enum Strategy: Sendable, Equatable {
    /// All n (n + 1) / 2 pairs, a row with itself included; the smaller kind is repeated to the size of
    /// the larger.
    case oversampling
    /// All pairs; the larger kind is cut to the size of the smaller.
    case undersampling
    /// All pairs once.
    case unique
    /// This many positive and negative pairs for each row.
    case iterations(Int)
  }

  package struct Pair: Sendable, Equatable {
    package let first: Int
    package let second: Int
    package let isPositive: Bool
  }

  /// The number of pairs.
  package var count: Int { positiveCount + negativeCount }
  package let positiveCount: Int
  package let negativeCount: Int
  private let positives: PairGroups
  private let negatives: PairGroups
  private let seed: UInt64

  /// Pairs rows with one label each. At most half of `limit` pairs are of one kind; nil sets no limit.
  package init(
    labels: [Int], strategy: Strategy = .oversampling, limit: Int? = nil, seed: UInt64
  ) {
    self.init(labelSets: labels.map { [$0] }, strategy: strategy, limit: limit, seed: seed)
  }

  /// Pairs rows with several labels each; a pair is positive if the rows share a label.
  package init(
    labelSets: [[Int]], strategy: Strategy = .oversampling, limit: Int? = nil, seed: UInt64
  ) {
    let groups = LabelGroups(labelSets)
    positives = PairGroups(groups, isPositive: true)
    negatives = PairGroups(groups, isPositive: false)
    self.seed = seed
    let (same, other) = (positives.count, negatives.count)
    let most = limit.map { max($0, 0) / 2 } ?? .max
    func counts(_ positive: Int, _ negative: Int) -> (Int, Int) {
      (same > 0 ? min(positive, most) : 0, other > 0 ? min(negative, most) : 0)
    }
    (positiveCount, negativeCount) =
      switch strategy {
      case .oversampling: counts(max(same, other), max(same, other))
      case .undersampling: counts(min(same, other), min(same, other))
      case .unique: counts(same, other)
      case .iterations(let number):
        counts(max(number, 0) * labelSets.count, max(number, 0) * labelSets.count)
      }
  }

  /// Returns pair `index`, which is in 0 ..< ``count``.
  package subscript(index: Int) -> Pair {
    requirePrecondition((0..<count).contains(index), "pair \(index) of \(count)")
    let both = min(positiveCount, negativeCount)
    let isPositive = index < 2 * both ? index % 2 == 0 : positiveCount > negativeCount
    let position = index < 2 * both ? index / 2 : index - both
    let groups = isPositive ? positives : negatives
    let shuffled = Permutation(count: groups.count, seed: seed ^ (isPositive ? 0 : 1 << 63))
    let (first, second) = groups.pair(shuffled[position % groups.count])
    return Pair(first: first, second: second, isPositive: isPositive)
  }
}

/// Rows with equal sets of labels, in the order of their first row.
struct LabelGroups: Sendable {
  /// Sorted, without repetition.
  private(set) var sets: [[Int]] = []
  private(set) var rows: [[Int]] = []

  init(_ labelSets: [[Int]]) {
    var places: [[Int]: Int] = [:]
    for (row, labels) in labelSets.enumerated() {
      let set = Set(labels).sorted()
      let place = places[set, default: sets.count]
      if place == sets.count {
        places[set] = place
        sets.append(set)
        rows.append([])
      }
      rows[place].append(row)
    }
  }

  /// Whether pairs of the two groups share a label; false for a group without labels and itself.
  func share(_ left: Int, _ right: Int) -> Bool {
    let (left, right) = (sets[left], sets[right])
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      if left[i] == right[j] { return true }
      if left[i] < right[j] { i += 1 } else { j += 1 }
    }
    return false
  }

  /// The pairs of two groups, or of a group with itself.
  func pairCount(_ left: Int, _ right: Int) -> Int {
    let (n, m) = (rows[left].count, rows[right].count)
    return left == right ? n * (n + 1) / 2 : n * m
  }
}

/// The pairs of one kind, numbered by their groups.
private struct PairGroups: Sendable {
  private let groups: LabelGroups
  private let isPositive: Bool
  /// The pairs before those whose first group is `index`.
  private var starts = [0]

  var count: Int { starts[starts.count - 1] }

  init(_ groups: LabelGroups, isPositive: Bool) {
    self.groups = groups
    self.isPositive = isPositive
    for left in groups.sets.indices {
      var sum = starts[left]
      for right in left..<groups.sets.count where groups.share(left, right) == isPositive {
        sum += groups.pairCount(left, right)
      }
      starts.append(sum)
    }
  }

  func pair(_ index: Int) -> (Int, Int) {
    var (low, high) = (0, groups.sets.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= index { low = middle } else { high = middle }
    }
    var rest = index - starts[low]
    var right = low
    while right < groups.sets.count {
      if groups.share(low, right) == isPositive {
        let size = groups.pairCount(low, right)
        if rest < size { break }
        rest -= size
      }
      right += 1
    }
    let rows = groups.rows[low]
    if right == low {
      let (i, j) = Self.triangle(rest)
      return (rows[j], rows[i])
    }
    let others = groups.rows[right]
    return (rows[rest / others.count], others[rest % others.count])
  }

  /// The element `index` of (0, 0), (1, 0), (1, 1), (2, 0) …
  private static func triangle(_ index: Int) -> (row: Int, column: Int) {
    var row = Int((Double(8 * index + 1).squareRoot() - 1) / 2)
    // The root is rounded.
    while row * (row + 1) / 2 > index { row -= 1 }
    while (row + 1) * (row + 2) / 2 <= index { row += 1 }
    return (row, index - row * (row + 1) / 2)
  }
}
