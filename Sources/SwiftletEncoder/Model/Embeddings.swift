import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// `embeddings.`: x[t, :] = norm(word[ids[t], :] + type[typeIDs[t], :] + position[t - start, :]).
struct Embeddings: Sendable {
  let word: WordEmbeddings
  /// `position_embeddings` [max_position_embeddings, D]
  let position: Matrix<Float>
  /// `token_type_embeddings` [type_vocab_size, D]; nil in DistilBERT
  let type: Matrix<Float>?
  /// `LayerNorm`
  let norm: LayerNorm
  /// Nil for inference and for frozen embeddings.
  let gradient: EmbeddingGradient?

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
          add(batch, token, at: token - range.lowerBound, into: x.row(token), table)
        }
      }
      norm.forward(x.rows(rows), into: x.rows(rows), table)
    }
    return x
  }

  private func add(
    _ batch: PackedSlice, _ token: Int, at position: Int,
    into row: UnsafeMutablePointer<Float>, _ table: KernelTable
  ) {
    word.add(
      batch.id(token), type?.row(batch.typeID(token)), self.position.row(position), into: row,
      table)
  }

  private func prefetch(
    _ token: Int, of batch: PackedSlice, before end: Int, _ table: KernelTable
  ) {
    guard token < min(end, batch.tokenCount) else { return }
    word.prefetch(batch.id(token), table)
  }

  /// How many tokens ahead ``prefetch`` fetches.
  private static let distance = 4
}

// MARK: Training

/// Where the gradient of a table is summed, and which of its rows have one.
struct TableGradient: Sendable {
  let rows: Matrix<Float>
  let touched: TouchedRows
}

struct EmbeddingGradient: Sendable {
  let word: TableGradient
  let position: TableGradient
  let type: TableGradient?
  /// The lookup of this row adds nothing to its gradient, as `padding_idx` of PyTorch's `Embedding`.
  let paddingID: Int
}

/// The tokens of a batch, ordered by the table rows that they read.
struct TableReads: Sendable {
  /// Tokens with the same row follow one another, in the order of the batch.
  private(set) var tokens: [Int] = []
  /// The first token of each group in ``tokens``, and their count.
  private(set) var starts: [Int] = []
  private(set) var rows: [Int] = []

  /// `row` returns a token's row of the table, or nil.
  init(tokens count: Int, row: (Int) -> Int?) {
    var pairs: [(row: Int, token: Int)] = []
    pairs.reserveCapacity(count)
    for token in 0..<count { if let row = row(token) { pairs.append((row, token)) } }
    pairs.sort { $0 < $1 }
    for (index, pair) in pairs.enumerated() {
      if pair.row != rows.last {
        rows.append(pair.row)
        starts.append(index)
      }
      tokens.append(pair.token)
    }
    starts.append(pairs.count)
  }
}

/// The reads of all tables for a batch.
struct EmbeddingReads: Sendable {
  let word: TableReads
  let position: TableReads
  let type: TableReads

  /// Marks the rows that get a gradient.
  init(_ batch: PackedSlice, _ gradient: EmbeddingGradient) {
    word = TableReads(tokens: batch.tokenCount) {
      batch.id($0) == gradient.paddingID ? nil : batch.id($0)
    }
    var positions = [Int](repeating: 0, count: batch.tokenCount)
    for sequence in 0..<batch.sequenceCount {
      let range = batch.range(sequence)
      for token in range { positions[token] = token - range.lowerBound }
    }
    position = TableReads(tokens: batch.tokenCount) { positions[$0] }
    type = TableReads(tokens: gradient.type == nil ? 0 : batch.tokenCount) { batch.typeID($0) }
    for row in word.rows { gradient.word.touched.touch(row) }
    for row in position.rows { gradient.position.touched.touch(row) }
    for row in type.rows { gradient.type?.touched.touch(row) }
  }
}

extension Embeddings {
  /// x = dropout(norm(sum)), where sum = word + type + position.
  func forward(
    _ batch: PackedSlice, _ dropout: Dropout?, into x: Matrix<Float>, _ pass: inout TrainingPass
  ) {
    let table = pass.kernels.table
    let sum = pass.buffers.shared(.embeddingSum, batch.tokenCount)
    pass.parallelFor(batch.tokenCount) { rows in
      for sequence in 0..<batch.sequenceCount {
        let range = batch.range(sequence)
        for token in range.clamped(to: rows) {
          add(batch, token, at: token - range.lowerBound, into: sum.row(token), table)
        }
      }
    }
    norm.forward(sum, into: x, pass.buffers.embeddingNorm, &pass)
    if let dropout { pass.drop(x, dropout, RowKeys(pointer: pass.buffers.tokenKeys), into: x) }
  }

  /// Adds the gradients of the tables for the gradient of x, in the buffer `.hidden`.
  func backward(
    _ batch: PackedSlice, _ dropout: Dropout?, _ reads: EmbeddingReads?,
    _ pass: inout TrainingPass
  ) {
    let g = pass.gradient(.hidden, rows: batch.tokenCount)
    if let dropout { pass.drop(g, dropout, RowKeys(pointer: pass.buffers.tokenKeys), into: g) }
    norm.backward(
      g, of: pass.buffers.shared(.embeddingSum, batch.tokenCount), pass.buffers.embeddingNorm,
      &pass)
    // sum = word + type + position
    guard let gradient, let reads else { return }
    add(g, reads.word, to: gradient.word.rows, &pass)
    add(g, reads.position, to: gradient.position.rows, &pass)
    if let type = gradient.type { add(g, reads.type, to: type.rows, &pass) }
  }

  /// Each row of the table sums the gradients of its tokens in the order of the batch. Few rows, as of
  /// token types, are divided among the threads by columns.
  private func add(
    _ g: Matrix<Float>, _ reads: TableReads, to table: Matrix<Float>, _ pass: inout TrainingPass
  ) {
    let add = pass.kernels.table.training.add
    let (columns, width) = (table.columns, 64)
    let parts = (columns + width - 1) / width
    pass.parallelFor(reads.rows.count * parts) { units in
      for unit in units {
        let (group, part) = unit.quotientAndRemainder(dividingBy: parts)
        let range = part * width..<min((part + 1) * width, columns)
        let row = reads.rows[group]
        let target = table.rows(row..<row + 1).columns(range)
        for index in reads.starts[group]..<reads.starts[group + 1] {
          let token = reads.tokens[index]
          add(g.rows(token..<token + 1).columns(range), target)
        }
      }
    }
  }
}
