import SwiftletMemory

/// The steps of attention, which each instruction set supplies as functions of its own.
@usableFromInline
package protocol AttentionProducts {
  /// scores[i, j] = q[i, :] · k[j, :]
  static func scores(_ query: Matrix<Float>, _ keys: PackedMatrix, _ scores: Matrix<Float>)
  /// See `Softmax`.
  static func numerators(
    _ row: UnsafeMutablePointer<Float>, count: Int, scale: Float
  ) -> Float
  /// out[i, :] = factors[i] Σⱼ scores[i, j] v[j, :]
  static func context(
    _ scores: Matrix<Float>, _ values: PackedMatrix, _ factors: UnsafePointer<Float>,
    _ output: Matrix<Float>)
}

/// Scaled dot-product attention of one head of one sequence:
/// out[i, :] = Σⱼ softmaxⱼ(q[i, :] · k[j, :] / √d) v[j, :]
///
/// A block of query rows at a time, so that its scores stay in the cache: memory grows with the
/// length, not with its square. Vaswani et al., "Attention Is All You Need", 2017, section 3.2.1.
@usableFromInline
package enum Attention<Full: TileBlock, Products: AttentionProducts>
where Full.Math.Element == Float {
  @usableFromInline package typealias Math = Full.Math
  @usableFromInline package typealias Vector = Full.Math.Vector

  /// Floats of scratch that `head` needs for sequences of at most `length` tokens.
  @inlinable @inline(__always)
  package static func scratchCount(length: Int, headSize: Int) -> Int {
    let panel = GEMM<Math>.panelWidth
    let keys = PackedMatrix.wordCount(steps: headSize, columns: length, panelWidth: panel)
    let values = PackedMatrix.wordCount(steps: length, columns: headSize, panelWidth: panel)
    return keys + values + Full.rowCount * (length + 1)
  }

  /// `query` may have fewer rows than `key` and `value` (the rows that somebody reads).
  @inlinable @inline(__always)
  package static func head(
    query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>, output: Matrix<Float>,
    scale: Float, scratch: UnsafeMutablePointer<Float>
  ) {
    let panel = GEMM<Math>.panelWidth
    let (length, size) = (key.rows, key.columns)
    PackedMatrix.pack(transposing: key, into: scratch, panelWidth: panel)
    let keys = PackedMatrix(pointer: scratch, steps: size, columns: length, panelWidth: panel)
    let valueScratch = scratch + keys.panelCount * panel * size
    packRows(value, into: valueScratch)
    let values = PackedMatrix(
      pointer: valueScratch, steps: length, columns: size, panelWidth: panel)
    let scoreScratch = valueScratch + values.panelCount * panel * length
    let factors = scoreScratch + Full.rowCount * length

    for first in stride(from: 0, to: query.rows, by: Full.rowCount) {
      let rows = min(Full.rowCount, query.rows - first)
      let queries = Matrix(
        query.row(first), rows: rows, columns: size, stride: query.stride)
      let scores = Matrix(scoreScratch, rows: rows, columns: length)
      Products.scores(queries, keys, scores)
      for row in 0..<rows {
        factors[row] = Products.numerators(scores.row(row), count: length, scale: scale)
      }
      let context = Matrix(output.row(first), rows: rows, columns: size, stride: output.stride)
      Products.context(scores, values, factors, context)
    }
  }

  /// Packs rows as the depth of the product: value[j, :] becomes line j of each panel.
  @inlinable @inline(__always)
  static func packRows(_ source: Matrix<Float>, into target: UnsafeMutablePointer<Float>) {
    let lanes = Vector.laneCount
    let panel = 2 * lanes
    var out = target
    for column in stride(from: 0, to: source.columns, by: panel) {
      let width = min(panel, source.columns - column)
      for row in 0..<source.rows {
        let line = source.row(row) + column
        if width == panel {
          Vector(loading: line).store(to: out)
          Vector(loading: line + lanes).store(to: out + lanes)
        } else {
          for lane in 0..<panel { out[lane] = lane < width ? line[lane] : 0 }
        }
        out += panel
      }
    }
  }
}
