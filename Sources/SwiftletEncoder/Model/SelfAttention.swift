import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// Self-attention with its output layer: `attention.` in DistilBERT, `attention.self.` and
/// `attention.output.dense` in BERT.
struct SelfAttention: Sendable {
  /// `q_lin`, `k_lin` and `v_lin`, or `query`, `key` and `value`, as one layer: [3 D, D]
  let queryKeyValue: Linear
  /// `out_lin`, `output.dense`: [D, D]
  let output: Linear
  let headCount: Int

  /// x += output(softmax(q kᵀ / √d) v), where q, k, v = queryKeyValue(x).
  ///
  /// With ``OutputRows/firstTokens`` `x` shrinks to the first row of every sequence. Keys and values are
  /// computed for all rows, everything else for the first rows, with the same bits.
  func addForward(
    to x: inout Matrix<Float>, _ batch: PackedSlice, _ queries: OutputRows,
    _ pass: inout ForwardPass
  ) {
    let (size, outputs) = (x.columns, queryKeyValue.outputs)
    let wide = pass.buffers.matrix(.queryKeyValue, rows: x.rows)
    switch queries {
    case .allTokens: pass.linear(queryKeyValue, x, into: wide)
    case .firstTokens:
      pass.linear(queryKeyValue, x, outputs: size..<outputs, into: wide)
      gatherFirstTokens(of: &x, batch, &pass)
      pass.linear(queryKeyValue, x, outputs: 0..<size, into: wide)
    }
    let context = pass.buffers.matrix(.attention, rows: x.rows)
    attend(batch, queries, wide, into: context, &pass)
    pass.linear(output, context, adding: x, into: x)
  }

  /// context = softmax(q kᵀ / √d) v for each head and sequence. The queries of sequence i are in the rows of
  /// its tokens, or in row i with ``OutputRows/firstTokens``.
  private func attend(
    _ batch: PackedSlice, _ queries: OutputRows, _ wide: Matrix<Float>,
    into context: Matrix<Float>, _ pass: inout ForwardPass
  ) {
    let size = context.columns / headCount
    let scale = 1 / Float(size).squareRoot()
    let scratch = pass.scratch
    let kernels = pass.kernels
    let rowCount = queries == .allTokens ? batch.tokenCount : batch.sequenceCount
    func head(_ rows: Matrix<Float>, _ range: Range<Int>, column: Int) -> Matrix<Float> {
      Matrix(
        rows.row(range.lowerBound) + column, rows: range.count, columns: size, stride: rows.stride)
    }
    pass.parallelFor(batch.sequenceCount * headCount) { units in
      // Zeros behind the last query fill the last tile of the products.
      if units.lowerBound == 0 {
        for row in rowCount..<context.rows {
          context.row(row).update(repeating: 0, count: context.columns)
        }
      }
      for unit in units {
        let (sequence, index) = unit.quotientAndRemainder(dividingBy: headCount)
        let keys = batch.range(sequence)
        let rows = queries == .allTokens ? keys : sequence..<sequence + 1
        let first = index * size
        let attention = kernels.attention(length: keys.count, headSize: size)
        attention(
          head(wide, rows, column: first),
          head(wide, keys, column: context.columns + first),
          head(wide, keys, column: 2 * context.columns + first),
          head(context, rows, column: first), scale, scratch)
      }
    }
  }

  /// Moves the first row of every sequence to the front of `x` and shortens `x`. A row never moves
  /// backwards, since every sequence has at least one token.
  private func gatherFirstTokens(
    of x: inout Matrix<Float>, _ batch: PackedSlice, _ pass: inout ForwardPass
  ) {
    let rows = x
    pass.parallelFor(1) { _ in
      for sequence in 0..<batch.sequenceCount {
        let start = batch.range(sequence).lowerBound
        if start != sequence {
          rows.row(sequence).update(from: rows.row(start), count: rows.columns)
        }
      }
    }
    x = rows.rows(0..<pass.kernels.rows(for: batch.sequenceCount))
  }
}
