/// The steps of attention, which each instruction set supplies as separate functions.
@usableFromInline
package protocol AttentionSteps {
  /// scores[i, j] = q[i, :] · k[j, :], for whole panels of keys
  static func scores(_ query: Matrix<Float>, _ keys: PackedMatrix, _ scores: Matrix<Float>)
  /// See `Softmax`; the rows extend to the end of their last panel.
  static func numerators(
    _ scores: Matrix<Float>, count: Int, scale: Float, factors: UnsafeMutablePointer<Float>)
  /// out[i, :] = factors[i] Σⱼ scores[i, j] v[j, :]
  static func context(
    _ scores: Matrix<Float>, _ values: PackedMatrix, _ factors: UnsafePointer<Float>,
    _ output: Matrix<Float>)
}

/// Scaled dot-product attention of one head of one sequence:
/// out[i, :] = Σⱼ softmaxⱼ(q[i, :] · k[j, :] / √d) v[j, :]
///
/// Computes a block of query rows at a time, so that its scores stay in the cache: memory grows
/// with the length, not with its square. Vaswani et al., "Attention Is All You Need", 2017, section
/// 3.2.1.
@usableFromInline
package enum Attention<Full: TileBlock, Steps: AttentionSteps>
where Full.Dot.Element == Float {
  @usableFromInline package typealias Dot = Full.Dot
  @usableFromInline package typealias Vector = Full.Dot.Vector

  /// Floats of scratch that `head` needs for sequences of at most `length` tokens.
  @inlinable @inline(__always)
  package static func scratchCount(length: Int, headSize: Int) -> Int {
    let panel = GEMM<Dot>.panelWidth
    let keys = PackedMatrix.wordCount(steps: headSize, columns: length, panelWidth: panel)
    let values = PackedMatrix.wordCount(steps: length, columns: headSize, panelWidth: panel)
    return keys + values + Full.rowCount * (length + 2 * panel)
  }

  /// `query` may have fewer rows than `key` and `value`: only those whose results are read.
  @inlinable @inline(__always)
  package static func head(
    query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>, output: Matrix<Float>,
    scale: Float, scratch: UnsafeMutablePointer<Float>
  ) {
    let panel = GEMM<Dot>.panelWidth
    let (length, size) = (key.rows, key.columns)
    // Whole panels of keys; the surplus keys are zeros, and their scores are ignored.
    let padded = (length + panel - 1) / panel * panel
    PanelPacking<Vector>.columns(key, into: scratch)
    let keys = PackedMatrix(pointer: scratch, steps: size, columns: padded, panelWidth: panel)
    let valueScratch = scratch + padded * size
    PanelPacking<Vector>.rows(value, into: valueScratch)
    let values = PackedMatrix(
      pointer: valueScratch, steps: length, columns: size, panelWidth: panel)
    let scoreScratch = valueScratch + values.panelCount * panel * length
    // One cache line of padding: rows at multiples of 4 KiB would share cache sets.
    let stride = padded + Vector.laneCount
    let factors = scoreScratch + Full.rowCount * stride

    for first in Swift.stride(from: 0, to: query.rows, by: Full.rowCount) {
      let rows = min(Full.rowCount, query.rows - first)
      let queries = query.rows(first..<first + rows)
      let scores = Matrix(scoreScratch, rows: rows, columns: padded, stride: stride)
      Steps.scores(queries, keys, scores)
      Steps.numerators(scores, count: length, scale: scale, factors: factors)
      let weights = Matrix(scoreScratch, rows: rows, columns: length, stride: stride)
      Steps.context(weights, values, factors, output.rows(first..<first + rows))
    }
  }
}
