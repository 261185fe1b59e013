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

// MARK: Training

extension SelfAttention {
  /// attentionSum = x + dropout(output(context)), where context = dropout(softmax(q kᵀ / √d)) v and
  /// q, k, v = queryKeyValue(x).
  func forward(
    _ kept: LayerActivations, _ batch: PackedSlice, _ queries: OutputRows,
    _ pass: inout TrainingPass
  ) {
    let (size, outputs) = (kept.x.columns, queryKeyValue.outputs)
    let wide = kept.queryKeyValue
    switch queries {
    case .allTokens: pass.linear(queryKeyValue, kept.x, into: wide)
    case .firstTokens:
      pass.linear(queryKeyValue, kept.x, outputs: size..<outputs, into: wide)
      copyFirstTokens(of: kept.x, batch, into: kept.firstRows, &pass)
      pass.linear(queryKeyValue, kept.firstRows, outputs: 0..<size, into: wide)
    }
    attend(kept, batch, queries, &pass)
    pass.linear(
      output, kept.context, dropping: kept.dropout.attentionOutput, kept.rowKeys,
      adding: queries == .allTokens ? kept.x : kept.firstRows, into: kept.attentionSum)
  }

  /// The gradient of `x` for the gradient `g` of `attentionSum`, written to the buffer `.hidden`.
  func backward(
    _ g: Matrix<Float>, _ kept: LayerActivations, _ batch: PackedSlice, _ queries: OutputRows,
    needsInput: Bool, _ pass: inout TrainingPass
  ) {
    // attentionSum = x + dropout(output(context))
    let dOutput = pass.dropped(g, kept.dropout.attentionOutput, kept.rowKeys)
    pass.addGradients(of: output, dOutput, from: kept.context)
    let dContext = pass.gradient(.context, rows: g.rows)
    pass.inputGradient(of: output, dOutput, into: dContext)
    // context = dropout(softmax(q kᵀ / √d)) v
    let dWide = pass.gradient(.queryKeyValue, rows: kept.x.rows)
    attendBackward(dContext, kept, batch, queries, into: dWide, &pass)
    // q, k, v = queryKeyValue(x)
    let (size, outputs) = (kept.x.columns, queryKeyValue.outputs)
    let dx = pass.gradient(.hidden, rows: kept.x.rows)
    guard queries == .firstTokens else {
      pass.addGradients(of: queryKeyValue, dWide, from: kept.x)
      if needsInput { pass.inputGradient(of: queryKeyValue, dWide, adding: g, into: dx) }
      return
    }
    let dKeyValue = dWide.columns(size..<outputs)
    let dQuery = dWide.columns(0..<size).rows(0..<g.rows)
    pass.addGradients(
      of: queryKeyValue, dQuery, outputs: 0..<size, from: kept.firstRows)
    pass.addGradients(
      of: queryKeyValue, dKeyValue, outputs: size..<outputs, from: kept.x)
    guard needsInput else { return }
    pass.inputGradient(of: queryKeyValue, dKeyValue, outputs: size..<outputs, into: dx)
    let dFirst = pass.gradient(.dropped, rows: g.rows)
    pass.inputGradient(of: queryKeyValue, dQuery, outputs: 0..<size, adding: g, into: dFirst)
    let add = pass.kernels.table.training.add
    pass.parallelFor(batch.sequenceCount) { sequences in
      for sequence in sequences {
        let first = batch.range(sequence).lowerBound
        add(dFirst.rows(sequence..<sequence + 1), dx.rows(first..<first + 1))
      }
    }
  }

  private func attend(
    _ kept: LayerActivations, _ batch: PackedSlice, _ queries: OutputRows,
    _ pass: inout TrainingPass
  ) {
    let scale = 1 / Float(kept.context.columns / headCount).squareRoot()
    let (kernels, scratch) = (pass.kernels.table.attention, pass.scratch)
    forEachHead(kept, batch, queries, &pass) { place, dropout in
      let head = place.view(of: kept.queryKeyValue, kept.context)
      if let dropout {
        kernels.dropout(
          head.query, head.key, head.value, head.output, scale, dropout, scratch)
      } else {
        kernels.float32(head.query, head.key, head.value, head.output, scale, scratch)
      }
    }
  }

  private func attendBackward(
    _ g: Matrix<Float>, _ kept: LayerActivations, _ batch: PackedSlice, _ queries: OutputRows,
    into dWide: Matrix<Float>, _ pass: inout TrainingPass
  ) {
    let scale = 1 / Float(kept.context.columns / headCount).squareRoot()
    let (backward, scratch) = (pass.kernels.table.attention.backward, pass.scratch)
    forEachHead(kept, batch, queries, &pass) { place, dropout in
      backward(
        place.view(of: kept.queryKeyValue, kept.context), place.view(of: dWide, g), scale, dropout,
        scratch)
    }
  }

  /// A head of a sequence within the rows of a batch.
  private struct HeadPlace {
    let keys: Range<Int>
    /// The rows of the queries and the results.
    let rows: Range<Int>
    let columns: Range<Int>

    /// The head's part of queries, keys and values [T, 3 D] and of the results [R, D].
    func view(of wide: Matrix<Float>, _ output: Matrix<Float>) -> AttentionHead {
      func part(_ rows: Range<Int>, _ index: Int) -> Matrix<Float> {
        let offset = index * output.columns
        return wide.rows(rows).columns(offset + columns.lowerBound..<offset + columns.upperBound)
      }
      return AttentionHead(
        query: part(rows, 0), key: part(keys, 1), value: part(keys, 2),
        output: output.rows(rows).columns(columns))
    }
  }

  /// Calls `body` with each head of each sequence and its dropout, on all threads.
  private func forEachHead(
    _ kept: LayerActivations, _ batch: PackedSlice, _ queries: OutputRows,
    _ pass: inout TrainingPass, _ body: (HeadPlace, AttentionDropout?) -> Void
  ) {
    let size = kept.context.columns / headCount
    pass.parallelFor(batch.sequenceCount * headCount) { units in
      for unit in units {
        let (sequence, head) = unit.quotientAndRemainder(dividingBy: headCount)
        let keys = batch.range(sequence)
        let rows = queries == .allTokens ? keys : sequence..<sequence + 1
        let dropout = kept.dropout.attention.map {
          AttentionDropout(
            rowKeys: kept.rowKeys.pointer + rows.lowerBound, $0.at(UInt32(head)))
        }
        body(
          HeadPlace(keys: keys, rows: rows, columns: head * size..<(head + 1) * size), dropout)
      }
    }
  }

  private func copyFirstTokens(
    of x: Matrix<Float>, _ batch: PackedSlice, into target: Matrix<Float>,
    _ pass: inout TrainingPass
  ) {
    pass.parallelFor(batch.sequenceCount) { sequences in
      for sequence in sequences {
        target.row(sequence).update(
          from: x.row(batch.range(sequence).lowerBound), count: x.columns)
      }
    }
  }
}
