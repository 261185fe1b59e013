/// Estimates how many rows with one given label truly have another.
///
/// A row is counted under the label whose probability reaches the mean probability of that label among
/// the rows that are given it. Counts are then scaled to the number of rows of each given label. The
/// operations and their order are those of cleanlab's `count.compute_confident_joint`.
struct ConfidentJoint {
  /// `counts[given][guess]`: whole numbers.
  private(set) var counts: [[Int]]
  /// The label under which each row was counted; nil if no probability reaches its threshold.
  let guesses: [Int?]
  /// The rows that are given each label.
  private let rowsByLabel: [[Int]]

  /// Each label keeps at least this many rows.
  private static let minimumKept = 1

  init(_ table: ProbabilityTable) {
    var rowsByLabel = [[Int]](repeating: [], count: table.labelCount)
    for (row, label) in table.labels.enumerated() { rowsByLabel[label].append(row) }
    let thresholds = rowsByLabel.enumerated().map { label, rows in
      // No probability reaches 2.
      rows.isEmpty
        ? 2 : max(rows.reduce(0) { $0 + table[$1, label] } / Double(rows.count), 2e-6)
    }
    guesses = table.labels.indices.map { Self.guess($0, in: table, thresholds) }
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: table.labelCount), count: table.labelCount)
    for (given, guess) in zip(table.labels, guesses) {
      if let guess { counts[given][guess] += 1 }
    }
    for label in counts.indices { counts[label][label] = max(counts[label][label], 1) }
    self.counts = Self.calibrated(counts, totals: rowsByLabel.map(\.count))
    self.rowsByLabel = rowsByLabel
  }

  /// The only label that reaches its threshold, or the most probable label if several do.
  private static func guess(
    _ row: Int, in table: ProbabilityTable, _ thresholds: [Double]
  ) -> Int? {
    let reached = thresholds.indices.filter {
      table[row, $0] >= thresholds[$0] - ProbabilityTable.tolerance
    }
    return reached.count > 1 ? table.predicted(in: row) : reached.first
  }

  /// Scales each row to the count of its label, and all to the number of rows.
  private static func calibrated(_ counts: [[Int]], totals: [Int]) -> [[Int]] {
    let scaled = zip(counts, totals).map { row, total in
      let sum = Double(row.reduce(0, +))
      return row.map { Double($0) / sum * Double(total) }
    }
    let labels = counts.indices
    let sum = RoundedCounts.sum(labels.flatMap { guess in labels.map { scaled[$0][guess] } })
    let rows = Double(totals.reduce(0, +))
    return scaled.map { row in
      RoundedCounts.keepingSum(row.map { $0 / max(sum, 1e-100) * rows })
    }
  }

  // MARK: Filters

  /// Marks, for each pair of labels, the estimated number of rows with the largest margin
  /// p(other) - p(given).
  func prunedByNoiseRate(_ table: ProbabilityTable) -> [Bool] {
    let kept = pruneCounts
    return marked(in: table) { given, rows, mark in
      for other in counts.indices where other != given && kept[other][given] > 0 {
        let margins = rows.map { table[$0, other] - table[$0, given] }
        let order = rows.indices.sorted { left, right in
          margins[left] == margins[right] ? left < right : margins[left] > margins[right]
        }
        for place in order.prefix(kept[other][given]) { mark(rows[place]) }
      }
    }
  }

  /// Marks, for each label, the estimated number of wrong rows: those with its lowest probability.
  func prunedByClass(_ table: ProbabilityTable) -> [Bool] {
    let kept = pruneCounts
    return marked(in: table) { given, rows, mark in
      let order = rows.sorted { left, right in
        let (first, second) = (table[left, given], table[right, given])
        return first == second ? left < right : first < second
      }
      for row in order.prefix(max(0, rows.count - kept[given][given])) { mark(row) }
    }
  }

  private func marked(
    in table: ProbabilityTable,
    by body: (_ given: Int, _ rows: [Int], _ mark: (Int) -> Void) -> Void
  ) -> [Bool] {
    var marks = table.labels.map { _ in false }
    for (given, rows) in rowsByLabel.enumerated() where rows.count > Self.minimumKept {
      body(given, rows) { marks[$0] = true }
    }
    return marks
  }

  /// `[guess][given]`: the counts, with at least one row left in each label, taken from its other counts
  /// in equal parts.
  private var pruneCounts: [[Int]] {
    let labels = counts.indices
    return labels.map { guess in
      labels.map { given in
        let diagonal = counts[given][given]
        let kept = max(diagonal, Self.minimumKept)
        guard guess != given else { return kept }
        let others = max(counts[given].count { $0 != 0 } - 1, 1)
        let reduced = Double(counts[given][guess]) - Double(kept - diagonal) / Double(others)
        return Int(max(reduced, 0))
      }
    }
  }
}

/// Sums and rounding in the order of numpy, so that halves round as they do in cleanlab.
enum RoundedCounts {
  /// Rounds numbers to whole ones with the same (rounded) sum: those that rounding changed most are
  /// corrected by one.
  static func keepingSum(_ values: [Double]) -> [Int] {
    var whole = values.map { $0.rounded(.toNearestOrEven) }
    let target = sum(values).rounded(.toNearestOrEven)
    while true {
      let difference = target - whole.reduce(0, +)
      guard abs(difference) > 1e-6 else { break }
      let order = values.indices.sorted { left, right in
        let (first, second) = (values[left] - whole[left], values[right] - whole[right])
        return first == second ? left < right : first < second
      }
      let changed = difference < 0 ? order : order.reversed()
      for index in changed.prefix(Int(abs(difference))) { whole[index] += difference < 0 ? -1 : 1 }
    }
    return whole.map { Int($0) }
  }

  /// The pairwise sum of numpy: eight accumulators for up to 128 numbers, halves beyond.
  static func sum(_ values: [Double]) -> Double { sum(values[...]) }

  private static func sum(_ values: ArraySlice<Double>) -> Double {
    guard values.count >= 8 else { return values.reduce(0, +) }
    guard values.count <= 128 else {
      let half = values.count / 2
      let first = half - half % 8
      return sum(values.prefix(first)) + sum(values.dropFirst(first))
    }
    var lanes = Array(values.prefix(8))
    let whole = values.count - values.count % 8
    for (place, value) in values.prefix(whole).dropFirst(8).enumerated() {
      lanes[place % 8] += value
    }
    let total =
      ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
      + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    return values.dropFirst(whole).reduce(total, +)
  }
}
