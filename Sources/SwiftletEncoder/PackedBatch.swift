/// Sequences of token ids one after another, with no padding between them.
///
/// Sequence i has the ids `starts[i]..<starts[i + 1]`.
package struct PackedBatch: Sendable {
  package private(set) var ids: [Int32] = []
  package private(set) var starts: [Int] = [0]

  package init() {}

  package var sequenceCount: Int { starts.count - 1 }
  package var tokenCount: Int { ids.count }

  /// The ids' range of one sequence.
  package func range(_ sequence: Int) -> Range<Int> { starts[sequence]..<starts[sequence + 1] }

  package mutating func append(_ sequence: some Collection<Int32>) {
    ids.append(contentsOf: sequence)
    starts.append(ids.count)
  }

  /// Some of the sequences, all by default.
  package func slice(_ sequences: Range<Int>? = nil) -> PackedSlice {
    PackedSlice(batch: self, sequences: sequences ?? 0..<sequenceCount)
  }

  /// Empties the batch and keeps its memory.
  package mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    starts.removeLast(starts.count - 1)
  }
}

/// Sequences of a batch, counted from 0, as are their tokens; it shares the batch's memory.
package struct PackedSlice: Sendable {
  private let batch: PackedBatch
  private let first: Int
  private let firstToken: Int
  package let sequenceCount: Int
  package let tokenCount: Int

  fileprivate init(batch: PackedBatch, sequences: Range<Int>) {
    self.batch = batch
    first = sequences.lowerBound
    firstToken = batch.starts[first]
    sequenceCount = sequences.count
    tokenCount = batch.starts[sequences.upperBound] - firstToken
  }

  package func id(_ token: Int) -> Int { Int(batch.ids[firstToken + token]) }

  /// The tokens of one sequence.
  package func range(_ sequence: Int) -> Range<Int> {
    let range = batch.range(first + sequence)
    return range.lowerBound - firstToken..<range.upperBound - firstToken
  }
}
