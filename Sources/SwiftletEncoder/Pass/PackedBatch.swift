import SwiftletSystem

/// Sequences of token ids one after another, with no padding between them.
///
/// Sequence i has the ids `starts[i]..<starts[i + 1]`.
package struct PackedBatch: Sendable {
  package private(set) var ids: [Int32] = []
  /// One for each id; empty as long as all of them are 0.
  package private(set) var typeIDs: [Int32] = []
  package private(set) var starts: [Int] = [0]

  package init() {}

  package var sequenceCount: Int { starts.count - 1 }
  package var tokenCount: Int { ids.count }

  /// The range of a sequence's ids.
  package func range(_ sequence: Int) -> Range<Int> { starts[sequence]..<starts[sequence + 1] }

  /// Adds a sequence whose tokens are all of type 0.
  package mutating func append(_ sequence: some Collection<Int32>) {
    ids.append(contentsOf: sequence)
    if !typeIDs.isEmpty { typeIDs += repeatElement(0, count: ids.count - typeIDs.count) }
    starts.append(ids.count)
  }

  /// Adds a sequence with its token types, one for each id if there are any; see
  /// ``ModelConfiguration/problem(with:)``.
  package mutating func append(_ sequence: TokenSequence) {
    guard let types = sequence.typeIDs, types.contains(where: { $0 != 0 }) else {
      return append(sequence.ids)
    }
    requirePrecondition(types.count == sequence.ids.count, "every id has one token type")
    typeIDs += repeatElement(0, count: ids.count - typeIDs.count)
    typeIDs += types
    ids += sequence.ids
    starts.append(ids.count)
  }

  /// Some of the sequences, all by default.
  package func slice(_ sequences: Range<Int>? = nil) -> PackedSlice {
    PackedSlice(batch: self, sequences: sequences ?? 0..<sequenceCount)
  }

  /// Empties the batch and keeps its memory.
  package mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    typeIDs.removeAll(keepingCapacity: true)
    starts.removeLast(starts.count - 1)
  }
}

/// Some sequences of a batch. Sequences and tokens count from 0; the slice shares the batch's memory.
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

  package func typeID(_ token: Int) -> Int {
    batch.typeIDs.isEmpty ? 0 : Int(batch.typeIDs[firstToken + token])
  }

  /// The tokens of one sequence.
  package func range(_ sequence: Int) -> Range<Int> {
    let range = batch.range(first + sequence)
    return range.lowerBound - firstToken..<range.upperBound - firstToken
  }
}
