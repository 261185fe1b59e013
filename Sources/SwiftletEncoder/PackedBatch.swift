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

  /// Some of the sequences as a batch of their own.
  package func slice(_ sequences: Range<Int>) -> PackedBatch {
    var result = PackedBatch()
    let first = starts[sequences.lowerBound]
    result.ids = Array(ids[first..<starts[sequences.upperBound]])
    result.starts = starts[sequences.lowerBound...sequences.upperBound].map { $0 - first }
    return result
  }

  /// Empties the batch and keeps its memory.
  package mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    starts.removeLast(starts.count - 1)
  }
}
