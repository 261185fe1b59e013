import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// `embeddings.`: x[t, :] = norm(word[ids[t], :] + type[typeIDs[t], :] + position[t - start, :]).
struct Embeddings: Sendable {
  /// `word_embeddings` [vocab_size, D]
  let word: Matrix<Float>
  /// `position_embeddings` [max_position_embeddings, D]
  let position: Matrix<Float>
  /// `token_type_embeddings` [type_vocab_size, D]; nil in DistilBERT
  let type: Matrix<Float>?
  /// `LayerNorm`
  let norm: LayerNorm

  /// The rows [T, D], followed by rows of zeros that fill the last tile of the products.
  func forward(_ batch: PackedSlice, _ pass: inout ForwardPass) -> Matrix<Float> {
    let table = pass.kernels.table
    let x = pass.buffers.matrix(.hidden, rows: pass.kernels.rows(for: batch.tokenCount))
    pass.parallelFor(x.rows) { rows in
      for row in rows.clamped(to: batch.tokenCount..<x.rows) {
        x.row(row).update(repeating: 0, count: x.columns)
      }
      for sequence in 0..<batch.sequenceCount {
        let range = batch.range(sequence)
        for token in range.clamped(to: rows) {
          prefetch(token + Self.distance, of: batch, before: rows.upperBound, table)
          add(batch, token: token, position: token - range.lowerBound, into: x.row(token))
        }
      }
      norm.forward(x.rows(rows), into: x.rows(rows), table)
    }
    return x
  }

  private func add(
    _ batch: PackedSlice, token: Int, position: Int, into row: UnsafeMutablePointer<Float>
  ) {
    let word = word.row(batch.id(token))
    let position = self.position.row(position)
    let columns = self.word.columns
    guard let type else {
      for column in 0..<columns { row[column] = word[column] + position[column] }
      return
    }
    let kind = type.row(batch.typeID(token))
    for column in 0..<columns { row[column] = word[column] + kind[column] + position[column] }
  }

  /// Fetches a word's row ahead: the table is larger than any cache, and the rows are scattered.
  private func prefetch(
    _ token: Int, of batch: PackedSlice, before end: Int, _ table: KernelTable
  ) {
    guard token < min(end, batch.tokenCount) else { return }
    table.rows.prefetch(
      word.row(batch.id(token)), word.columns * MemoryLayout<Float>.stride)
  }

  /// How many tokens ahead ``prefetch`` fetches.
  private static let distance = 4
}
