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
