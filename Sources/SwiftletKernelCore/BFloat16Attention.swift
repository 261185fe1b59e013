/// The steps of attention in bfloat16, which an instruction set supplies as separate functions.
@usableFromInline
package protocol BFloat16AttentionSteps {
  /// See `BFloat16Attention.packKeys`.
  static func packKeys(
    _ key: Matrix<Float>, _ rounded: Matrix<UInt16>, _ target: UnsafeMutablePointer<Float>)
  /// See `BFloat16Attention.packValues`.
  static func packValues(_ value: Matrix<Float>, _ target: UnsafeMutablePointer<UInt16>)
  /// See `BFloat16Rows`.
  static func round(_ query: Matrix<Float>, _ rounded: Matrix<UInt16>)
  /// scores[i, j] = q[i, :] · k[j, :], for whole panels of keys
  static func scores(_ query: Matrix<UInt16>, _ keys: PackedMatrix, _ scores: Matrix<Float>)
  /// See `Softmax`.
  static func numerators(
    _ scores: Matrix<Float>, count: Int, scale: Float, into numerators: Matrix<UInt16>,
    factors: UnsafeMutablePointer<Float>)
  /// out[i, :] = factors[i] Σⱼ numerators[i, j] v[j, :]
  static func context(
    _ numerators: Matrix<UInt16>, _ values: PackedMatrix, _ factors: UnsafePointer<Float>,
    _ output: Matrix<Float>)
}

/// `Attention` with products of bfloat16: queries, keys, values and the numerators of the softmax are
/// rounded; scores, sums and the softmax itself are float32.
///
/// The head size is a multiple of the vector's lanes.
@usableFromInline
package enum BFloat16Attention<Full: TileBlock, Steps: BFloat16AttentionSteps>
where
  Full.Dot.Element == UInt16, Full.Dot.Scaling == NoScaling, Full.Dot.Vector: BFloat16Vector
{
  @usableFromInline package typealias Dot = Full.Dot
  @usableFromInline package typealias Vector = Full.Dot.Vector

  @inlinable @inline(__always)
  static var panelWidth: Int { GEMM<Dot>.panelWidth }

  /// Floats of scratch that `head` needs for sequences of at most `length` tokens.
  @inlinable @inline(__always)
  package static func scratchCount(length: Int, headSize: Int) -> Int {
    layout(length: length, size: headSize).end
  }

  @inlinable @inline(__always)
  static func layout(length: Int, size: Int) -> BFloat16AttentionLayout {
    BFloat16AttentionLayout(length: length, size: size, panel: panelWidth, rows: Full.rowCount)
  }

  /// `query` may have fewer rows than `key` and `value`: only those whose results are read.
  @inlinable @inline(__always)
  package static func head(
    query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>, output: Matrix<Float>,
    scale: Float, scratch: UnsafeMutablePointer<Float>
  ) {
    let layout = layout(length: key.rows, size: key.columns)
    let rounded = Matrix(
      scratch.part(layout.queries, of: UInt16.self), rows: Full.rowCount, columns: key.columns,
      stride: layout.queryStride)
    Steps.packKeys(key, rounded, scratch)
    Steps.packValues(value, scratch.part(layout.values, of: UInt16.self))
    let keys = PackedMatrix(
      pointer: scratch, steps: key.columns / 2, columns: layout.paddedKeys,
      panelWidth: panelWidth)
    let values = PackedMatrix(
      pointer: scratch + layout.values, steps: layout.valueSteps, columns: value.columns,
      panelWidth: panelWidth)
    let factors = scratch + layout.factors

    for first in stride(from: 0, to: query.rows, by: Full.rowCount) {
      let rows = first..<min(query.rows, first + Full.rowCount)
      let queries = rounded.rows(0..<rows.count)
      let scores = Matrix(
        scratch + layout.scores, rows: rows.count, columns: layout.paddedKeys,
        stride: layout.scoreStride)
      let numerators = Matrix(
        scratch.part(layout.numerators, of: UInt16.self), rows: rows.count,
        columns: 2 * layout.valueSteps, stride: layout.numeratorStride)
      Steps.round(query.rows(rows), queries)
      Steps.scores(queries, keys, scores)
      Steps.numerators(
        scores, count: key.rows, scale: scale, into: numerators, factors: factors)
      Steps.context(numerators, values, factors, output.rows(rows))
    }
  }

  /// Packs rows as columns of pairs: row j of `key` [L, d] becomes column j of its panel
  /// [d / 2][width][2]. The last panel is padded with zeros. `rounded` has room for four rows.
  @inlinable @inline(__always)
  package static func packKeys(
    _ key: Matrix<Float>, _ rounded: Matrix<UInt16>, into target: UnsafeMutablePointer<Float>
  ) {
    let steps = key.columns / 2
    let padded = (key.rows + panelWidth - 1) / panelWidth * panelWidth
    for first in stride(from: 0, to: padded, by: 4) {
      let count = max(0, min(4, key.rows - first))
      for row in count..<4 { rounded.row(row).update(repeating: 0, count: key.columns) }
      if count > 0 {
        BFloat16Rows<Vector>.round(key.rows(first..<first + count), into: rounded)
      }
      let out = target + first / panelWidth * panelWidth * steps + first % panelWidth
      // A pair is moved as one float.
      for step in stride(from: 0, to: steps, by: 4) {
        let row = { (index: Int) in
          UnsafeRawPointer(rounded.row(index) + 2 * step).loadUnaligned(as: SIMD4<Float>.self)
        }
        FourColumns(row(0), row(1), row(2), row(3))
          .store(to: out + step * panelWidth, stride: panelWidth)
      }
    }
  }

  /// Packs pairs of rows as steps: rows 2 k and 2 k + 1 of `value` [L, d] become step k of every panel,
  /// [L / 2][width][2]. Missing rows and columns are zeros.
  @inlinable @inline(__always)
  package static func packValues(
    _ value: Matrix<Float>, into target: UnsafeMutablePointer<UInt16>
  ) {
    let lanes = Vector.laneCount
    let steps = (value.rows + 1) / 2
    let padded = (value.columns + panelWidth - 1) / panelWidth * panelWidth
    for column in stride(from: 0, to: padded, by: lanes) {
      var out = target + 2 * (column / panelWidth * panelWidth * steps + column % panelWidth)
      for row in stride(from: 0, to: value.rows, by: 2) {
        let load = { (row: Int) in
          row < value.rows && column < value.columns
            ? Vector(loading: value.row(row) + column) : .zero
        }
        Vector.storeBFloat16Pairs(load(row), load(row + 1), to: out)
        out += 2 * panelWidth
      }
    }
  }
}

/// The offsets of the parts of a head's scratch, in floats; each part begins on a cache line.
@usableFromInline
package struct BFloat16AttentionLayout: BitwiseCopyable {
  /// Keys rounded up to whole panels; the surplus keys are zeros, and their scores are ignored.
  @usableFromInline let paddedKeys: Int
  @usableFromInline let valueSteps: Int
  /// One cache line more than the keys: rows at multiples of 4 KiB would share cache sets.
  @usableFromInline let scoreStride: Int
  @usableFromInline let numeratorStride: Int
  @usableFromInline let queryStride: Int
  @usableFromInline let values: Int
  @usableFromInline let queries: Int
  @usableFromInline let scores: Int
  @usableFromInline let numerators: Int
  @usableFromInline let factors: Int
  @usableFromInline let end: Int

  @inlinable @inline(__always)
  init(length: Int, size: Int, panel: Int, rows: Int) {
    let line = 16
    let lines = { (count: Int) in (count + line - 1) / line * line }
    paddedKeys = (length + panel - 1) / panel * panel
    valueSteps = (length + 1) / 2
    scoreStride = paddedKeys + line
    numeratorStride = paddedKeys + 2 * line
    queryStride = 2 * lines((size + 1) / 2)
    let paddedColumns = (size + panel - 1) / panel * panel
    values = (size + 1) / 2 * paddedKeys
    queries = values + valueSteps * paddedColumns
    scores = queries + rows * queryStride / 2
    numerators = scores + rows * scoreStride
    factors = numerators + rows * numeratorStride / 2
    end = factors + lines(rows)
  }
}
