/// Splits rows into a training and a validation part.
package struct DataSplit: Sendable, Equatable {
  /// The share of rows for validation.
  package let share: Double
  package let seed: UInt64

  package init(share: Double, seed: UInt64) {
    self.share = share
    self.seed = seed
  }

  /// The examples of both parts in rising order, and the labels whose examples are all in training
  /// because they have one text only.
  struct Parts: Equatable {
    var training: [Int] = []
    var validation: [Int] = []
    var unsplitLabels: [Int32] = []
  }

  /// Splits the examples of a dataset.
  ///
  /// Examples with the same text, or with the same context for questions, stay together. A text's side
  /// depends on the text and the seed, not on its place in the file. In a
  /// classification every label has its share in both parts, but a label with one text stays in
  /// training.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for a share that is not between 0 and 1,
  ///   or that leaves one part empty.
  func parts(of data: EncodedDataset) throws(TrainingError) -> Parts {
    guard share > 0, share < 1 else {
      throw .invalidOption(
        name: "--validation", reason: "expected a share between 0 and 1, found \(share)")
    }
    var strata = Strata(data, seed: seed)
    let validation = strata.takeValidation(share: share, rowCount: data.count)
    guard validation.contains(true), validation.contains(false) else {
      throw .invalidOption(
        name: "--validation",
        reason: "a share of \(share) of \(data.count) rows leaves one part empty; give more rows, a"
          + " file, or none")
    }
    var parts = Parts()
    for row in 0..<data.count {
      if validation[row] { parts.validation.append(row) } else { parts.training.append(row) }
    }
    parts.unsplitLabels = strata.unsplitLabels
    return parts
  }
}

/// The rows of a source by label, and in each label by text.
private struct Strata {
  /// Rows with the same text.
  private struct Unit {
    let key: UInt64
    let rows: Range<Int>
  }

  /// All rows, those with the same text one after another.
  private let order: [Int32]
  /// The units of each label; the last place is for rows without a label.
  private var units: [[Unit]]
  private(set) var unsplitLabels: [Int32] = []

  init(_ data: EncodedDataset, seed: UInt64) {
    let sorted = HashedRow.sorted(data.count) { data.rows.group(of: data.row(of: $0)) }
    order = sorted.map(\.row)
    let labelCount = data.task == .classification ? data.labels.count : 0
    units = [[Unit]](repeating: [], count: labelCount + 1)
    for run in HashedRow.runs(of: sorted) {
      let (first, hash) = (Int(sorted[run.lowerBound].row), sorted[run.lowerBound].hash)
      let label = labelCount > 0 ? Int(data.rows.classes[data.row(of: first)]) : -1
      let key = TextHash.finished(hash.low ^ TextHash.finished(seed &+ 0x9E37_79B9_7F4A_7C15))
      units[label < 0 ? labelCount : label].append(Unit(key: key, rows: run))
    }
    for label in units.indices { units[label].sort { $0.key < $1.key } }
  }

  /// Returns for each row whether it is for validation.
  mutating func takeValidation(share: Double, rowCount: Int) -> [Bool] {
    var isValidation = [Bool](repeating: false, count: rowCount)
    for (label, quota) in quotas(share: share, rowCount: rowCount).enumerated() {
      let units = units[label]
      if units.count == 1, label < self.units.count - 1 { unsplitLabels.append(Int32(label)) }
      var (taken, unitsTaken) = (0, 0)
      for unit in units where taken + unit.rows.count <= quota && unitsTaken + 1 < units.count {
        for place in unit.rows { isValidation[Int(order[place])] = true }
        taken += unit.rows.count
        unitsTaken += 1
      }
    }
    return isValidation
  }

  /// The number of validation rows of each label: its share, rounded so that the sum is the share of
  /// all rows; the largest fractions are rounded up.
  private func quotas(share: Double, rowCount: Int) -> [Int] {
    let exact = units.map { units in
      share * Double(units.reduce(0) { $0 + $1.rows.count })
    }
    var quotas = exact.map { Int($0) }
    let wanted = max(1, Int((share * Double(rowCount)).rounded()))
    let byFraction = exact.indices.sorted { left, right in
      let (first, second) = (
        exact[left] - exact[left].rounded(.down), exact[right] - exact[right].rounded(.down)
      )
      return first == second ? left < right : first > second
    }
    for label in byFraction.prefix(max(0, wanted - quotas.reduce(0, +))) { quotas[label] += 1 }
    return quotas
  }
}

/// A row and the hash by which it is sorted.
struct HashedRow {
  let hash: TextHash
  let row: Int32

  /// Returns all rows by hash, those with the same hash in rising order.
  static func sorted(_ count: Int, _ hash: (Int) -> TextHash) -> [HashedRow] {
    var rows: [HashedRow] = []
    rows.reserveCapacity(count)
    for row in 0..<count { rows.append(HashedRow(hash: hash(row), row: Int32(row))) }
    rows.sort { $0.hash == $1.hash ? $0.row < $1.row : $0.hash < $1.hash }
    return rows
  }

  /// Returns the ranges of rows with the same hash.
  static func runs(of rows: [HashedRow]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for index in rows.indices
    where index + 1 == rows.count || rows[index + 1].hash != rows[index].hash {
      runs.append(start..<index + 1)
      start = index + 1
    }
    return runs
  }
}
