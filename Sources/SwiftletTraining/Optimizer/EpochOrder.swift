/// The order of the examples of each epoch: the one that transformers' Trainer has for the seed.
///
/// Epoch e takes torch's `randperm` of a CPU generator with seed + e.
package struct EpochOrder: Sendable {
  package let rows: Int
  package let seed: UInt64

  /// - Parameters:
  ///   - rows: at most 200 million. Above that, torch draws its numbers otherwise.
  ///   - seed: of the first epoch.
  package init(rows: Int, seed: UInt64) {
    precondition(rows >= 0 && rows <= 200_000_000, "torch's order of fewer than 2^32 / 20 rows")
    self.rows = rows
    self.seed = seed
  }

  /// The rows in the order of an epoch; epochs count from 0.
  package func order(ofEpoch epoch: Int) -> [Int32] {
    // torch seeds the generator with the low 32 bits.
    var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed &+ UInt64(epoch)))
    var order = (0..<Int32(rows)).map { $0 }
    for index in 0..<max(0, rows - 1) {
      order.swapAt(index, index + Int(generator.next32()) % (rows - index))
    }
    return order
  }

  /// The order of an epoch with texts of similar length next to each other, as transformers'
  /// `LengthGroupedSampler` has it, for batches that need similar lengths.
  ///
  /// It sorts blocks of up to 50 batches by falling length, and puts the longest text first, so that
  /// a lack of memory shows at once.
  ///
  /// - Parameters:
  ///   - epoch: counts from 0.
  ///   - lengths: tokens of each row.
  ///   - batchSize: rows of a batch.
  /// - Returns: all rows.
  package func lengthGroupedOrder(
    ofEpoch epoch: Int, lengths: [Int32], batchSize: Int
  ) -> [Int32] {
    precondition(lengths.count == rows && batchSize > 0, "a length for each row")
    let order = order(ofEpoch: epoch)
    let size = max(1, min(rows / (batchSize * 4), 50)) * batchSize
    var grouped: [Int32] = []
    grouped.reserveCapacity(rows)
    var longest = 0
    for start in stride(from: 0, to: rows, by: size) {
      // Sorts places, so that equal lengths stay in their order.
      let places = (start..<min(start + size, rows)).sorted { left, right in
        let (leftLength, rightLength) = (lengths[Int(order[left])], lengths[Int(order[right])])
        return leftLength == rightLength ? left < right : leftLength > rightLength
      }
      grouped += places.map { order[$0] }
      if lengths[Int(grouped[start])] > lengths[Int(grouped[longest])] { longest = start }
    }
    if rows > 0 { grouped.swapAt(0, longest) }
    return grouped
  }
}
