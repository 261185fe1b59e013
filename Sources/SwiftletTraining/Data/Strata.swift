/// The rows of a source by label, and in each label by text.
struct Strata {
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

  /// The number of different texts.
  var textCount: Int { units.reduce(0) { $0 + $1.count } }

  /// Returns the fold of each row: the texts of a label go to the fold that has the fewest of the
  /// label's rows, and of those the fewest of all.
  func folds(_ count: Int, rowCount: Int) -> [Int] {
    var folds = [Int](repeating: 0, count: rowCount)
    var sizes = [Int](repeating: 0, count: count)
    for units in units {
      var labelSizes = [Int](repeating: 0, count: count)
      for unit in units {
        let fold = (1..<count).reduce(0) { best, fold in
          (labelSizes[fold], sizes[fold]) < (labelSizes[best], sizes[best]) ? fold : best
        }
        for place in unit.rows { folds[Int(order[place])] = fold }
        labelSizes[fold] += unit.rows.count
        sizes[fold] += unit.rows.count
      }
    }
    return folds
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
