import SwiftletMemory

/// The steps of attention, which each instruction set supplies as functions of its own.
@usableFromInline
package protocol AttentionProducts {
  /// scores[i, j] = q[i, :] · k[j, :], for whole panels of keys
  static func scores(_ query: Matrix<Float>, _ keys: PackedMatrix, _ scores: Matrix<Float>)
  /// See `Softmax`; the rows go on to the end of their last panel.
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
    return keys + values + Full.rowCount * (length + 2 * panel)
  }

  /// `query` may have fewer rows than `key` and `value` (the rows that somebody reads).
  @inlinable @inline(__always)
  package static func head(
    query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>, output: Matrix<Float>,
    scale: Float, scratch: UnsafeMutablePointer<Float>
  ) {
    let panel = GEMM<Math>.panelWidth
    let (length, size) = (key.rows, key.columns)
    // Whole panels of keys: those behind the last are zeros, and nobody looks at their scores.
    let padded = (length + panel - 1) / panel * panel
    packColumns(key, into: scratch)
    let keys = PackedMatrix(pointer: scratch, steps: size, columns: padded, panelWidth: panel)
    let valueScratch = scratch + padded * size
    packRows(value, into: valueScratch)
    let values = PackedMatrix(
      pointer: valueScratch, steps: length, columns: size, panelWidth: panel)
    let scoreScratch = valueScratch + values.panelCount * panel * length
    // A line more, so that the rows of long sequences don't meet in the same places of the cache.
    let stride = padded + Vector.laneCount
    let factors = scoreScratch + Full.rowCount * stride

    for first in Swift.stride(from: 0, to: query.rows, by: Full.rowCount) {
      let rows = min(Full.rowCount, query.rows - first)
      let queries = query.rows(first..<first + rows)
      let scores = Matrix(scoreScratch, rows: rows, columns: padded, stride: stride)
      Products.scores(queries, keys, scores)
      Products.numerators(scores, count: length, scale: scale, factors: factors)
      let weights = Matrix(scoreScratch, rows: rows, columns: length, stride: stride)
      Products.context(weights, values, factors, output.rows(first..<first + rows))
    }
  }

  /// Packs rows as the columns of the product: key[j, :] becomes column j of its panel.
  @inlinable @inline(__always)
  static func packColumns(_ source: Matrix<Float>, into target: UnsafeMutablePointer<Float>) {
    let panel = GEMM<Math>.panelWidth
    let depth = source.columns
    for first in stride(from: 0, to: source.rows, by: panel) {
      let out = target + first * depth
      let width = min(panel, source.rows - first)
      let whole = depth % 4 == 0 ? width / 4 * 4 : 0
      for row in stride(from: 0, to: whole, by: 4) {
        for k in stride(from: 0, to: depth, by: 4) {
          transposeFour(
            source.row(first + row) + k, stride: source.stride, into: out + k * panel + row,
            stride: panel)
        }
      }
      for lane in whole..<width {
        let row = source.row(first + lane)
        for k in 0..<depth { out[k * panel + lane] = row[k] }
      }
      for lane in width..<panel {
        for k in 0..<depth { out[k * panel + lane] = 0 }
      }
    }
  }

  /// Four rows of four floats become columns.
  @inlinable @inline(__always)
  static func transposeFour(
    _ source: UnsafePointer<Float>, stride: Int, into target: UnsafeMutablePointer<Float>,
    stride targetStride: Int
  ) {
    let row = { UnsafeRawPointer(source + $0 * stride).loadUnaligned(as: SIMD4<Float>.self) }
    FourColumns(row(0), row(1), row(2), row(3)).store(to: target, stride: targetStride)
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
