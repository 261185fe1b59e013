import SwiftletSystem

/// The steps of attention with whole numbers, which an instruction set supplies as functions of its own
/// where its products of words are faster than those of floats.
@usableFromInline
package protocol IntegerAttentionProducts {
  associatedtype Vector: KernelVector

  /// Writes the lanes times `factor`, rounded to whole numbers, which are within 0...32767.
  static func storeWords(
    _ lanes: Vector, times factor: Vector, to pointer: UnsafeMutablePointer<Int16>)
  /// Writes pairs of words, the first below the second: both times `factor` and rounded, within
  /// -32767...32767.
  static func storePairs(
    _ first: Vector, _ second: Vector, times factor: Vector, to pointer: UnsafeMutableRawPointer)
  /// See `IntegerAttention.packKeys`.
  static func packKeys(
    _ key: Matrix<Float>, _ plan: IntegerAttentionPlan, _ scratch: UnsafeMutablePointer<Float>)
  /// See `IntegerAttention.packValues`.
  static func packValues(
    _ value: Matrix<Float>, _ plan: IntegerAttentionPlan, _ scratch: UnsafeMutablePointer<Float>)
  /// See `Quantization`.
  static func quantize(
    _ query: Matrix<Float>, _ bytes: Matrix<UInt8>, _ scales: UnsafeMutablePointer<RowScale>)
  /// scores[i, j] = q[i, :] · k[j, :], for whole panels of keys
  static func scores(
    _ query: Matrix<UInt8>, _ keys: PackedMatrix, _ scaling: IntegerScaling,
    _ scores: Matrix<Float>)
  /// See `Softmax`.
  static func wordNumerators(
    _ scores: Matrix<Float>, count: Int, scale: Float, most: Float, into words: Matrix<Int16>,
    factors: UnsafeMutablePointer<RowScale>)
  /// out[i, :] = Σⱼ words[i, j] v[j, :], scaled
  static func context(
    _ words: Matrix<Int16>, _ values: PackedMatrix, _ scaling: IntegerScaling,
    _ output: Matrix<Float>)
}

/// `Attention` whose products are those of whole numbers: q kᵀ of bytes, with a scale for each query
/// and each key, and softmax(…) v of words, with a scale for each row and each column of v.
///
/// Keys are held as their difference from the mean of all keys, which takes the same from all scores
/// of a query and so nothing from its probabilities: what keys have in common, often more than what
/// sets them apart, would use up the bytes. Zhang et al., "SageAttention", 2024, section 4.2. The
/// probabilities are words because bytes lose the many small ones of a long text.
///
/// What has numbers that are infinite or none at all makes NaN of all that depends on it. Heads are a
/// multiple of 16 wide, and of the vector.
@usableFromInline
package enum IntegerAttention<Full: TileBlock, Products: IntegerAttentionProducts>
where
  Full.Math.Element == UInt8, Full.Math.Scaling == IntegerScaling,
  Full.Math.Vector == Products.Vector
{
  @usableFromInline package typealias Math = Full.Math
  @usableFromInline package typealias Vector = Full.Math.Vector

  /// Floats of scratch that `head` needs for sequences of at most `length` tokens.
  @inlinable @inline(__always)
  package static func scratchCount(length: Int, headSize: Int) -> Int {
    plan(length: length, size: headSize).end
  }

  @inlinable @inline(__always)
  static func plan(length: Int, size: Int) -> IntegerAttentionPlan {
    IntegerAttentionPlan(
      length: length, size: size, panel: GEMM<Math>.panelWidth, rows: Full.rowCount)
  }

  /// `query` may have fewer rows than `key` and `value` (the rows that somebody reads).
  @inlinable @inline(__always)
  package static func head(
    query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>, output: Matrix<Float>,
    scale: Float, scratch: UnsafeMutablePointer<Float>
  ) {
    let plan = plan(length: key.rows, size: key.columns)
    Products.packKeys(key, plan, scratch)
    Products.packValues(value, plan, scratch)
    let keys = keys(plan, scratch)
    let values = PackedMatrix(
      pointer: scratch + plan.values, steps: plan.valueSteps, columns: value.columns,
      panelWidth: GEMM<Math>.panelWidth)
    let starts = part(scratch, plan.keyStarts, of: Int32.self)
    let queryScales = part(scratch, plan.queryScales, of: RowScale.self)
    let factors = part(scratch, plan.factors, of: RowScale.self)
    // No sum of the words' products leaves 32 bits.
    let most = Float(min(32767, Int(Int32.max) / (mostValue * key.rows)))

    for first in stride(from: 0, to: query.rows, by: Full.rowCount) {
      let rows = first..<min(query.rows, first + Full.rowCount)
      let bytes = Matrix(
        part(scratch, plan.queries, of: UInt8.self), rows: rows.count, columns: key.columns,
        stride: plan.queryStride)
      let scores = Matrix(
        scratch + plan.scores, rows: rows.count, columns: plan.paddedKeys, stride: plan.scoreStride)
      let words = Matrix(
        part(scratch, plan.words, of: Int16.self), rows: rows.count, columns: 2 * plan.valueSteps,
        stride: plan.wordStride)
      Products.quantize(query.rows(rows), bytes, queryScales)
      Products.scores(
        bytes, keys,
        IntegerScaling(row: queryScales, column: scratch + plan.keyScales, start: starts), scores)
      Products.wordNumerators(
        scores, count: key.rows, scale: scale, most: most, into: words, factors: factors)
      Products.context(
        words, values,
        IntegerScaling(row: factors, column: scratch + plan.valueScales, start: starts),
        output.rows(rows))
    }
  }

  @inlinable @inline(__always)
  static func keys(
    _ plan: IntegerAttentionPlan, _ scratch: UnsafeMutablePointer<Float>
  ) -> PackedMatrix {
    PackedMatrix(
      pointer: scratch, steps: plan.keySteps, columns: plan.paddedKeys,
      panelWidth: GEMM<Math>.panelWidth)
  }

  /// The largest value of v as a whole number.
  @inlinable @inline(__always)
  static var mostValue: Int { 511 }

  /// Packs the keys' differences from their mean as columns of bytes, with their scales and starts.
  @inlinable @inline(__always)
  package static func packKeys(
    _ key: Matrix<Float>, _ plan: IntegerAttentionPlan, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let panel = GEMM<Math>.panelWidth
    let scales = scratch + plan.keyScales
    // Scores and queries are not there yet: their places have a key and the bytes of four.
    let mean = scratch + plan.mean
    let centered = scratch + plan.scores
    let bytes = part(scratch, plan.queries, of: UInt8.self)
    for column in stride(from: 0, to: key.columns, by: Vector.laneCount) {
      let sum = foldingRows(key, column: column, joining: +) { $0 + $1 }
      (sum * Vector(repeating: 1 / Float(key.rows))).store(to: mean + column)
    }
    for first in stride(from: 0, to: plan.paddedKeys, by: 4) {
      for row in 0..<4 {
        let place = bytes + row * plan.queryStride
        scales[first + row] = packKey(key, first + row, mean, centered, into: place)
      }
      let target = scratch + first / panel * panel * plan.keySteps + first % panel
      for step in stride(from: 0, to: plan.keySteps, by: 4) {
        let row = { word(bytes + $0 * plan.queryStride + 4 * step) }
        FourColumns(row(0), row(1), row(2), row(3)).store(to: target + step * panel, stride: panel)
      }
    }
    start(keys(plan, scratch), part(scratch, plan.keyStarts, of: Int32.self))
  }

  /// Four words of signed bytes from those that are shifted by 128.
  @inlinable @inline(__always)
  static func word(_ bytes: UnsafePointer<UInt8>) -> SIMD4<Float> {
    let shifted = UnsafeRawPointer(bytes).loadUnaligned(as: SIMD4<UInt32>.self)
    return unsafeBitCast(shifted ^ SIMD4(repeating: 0x8080_8080), to: SIMD4<Float>.self)
  }

  /// The bytes of a key's difference from the mean, and their scale; of a key that is none, zeros.
  @inlinable @inline(__always)
  static func packKey(
    _ key: Matrix<Float>, _ index: Int, _ mean: UnsafePointer<Float>,
    _ centered: UnsafeMutablePointer<Float>, into bytes: UnsafeMutablePointer<UInt8>
  ) -> Float {
    for column in stride(from: 0, to: key.columns, by: Vector.laneCount) {
      let difference =
        index < key.rows ? load(key, index, column) - Vector(loading: mean + column) : .zero
      difference.store(to: centered + column)
    }
    // Whole vectors, said so that nothing is compiled for a rest.
    let whole = key.columns / Vector.laneCount * Vector.laneCount
    return Quantization<Vector>.row(centered, count: whole, into: bytes).scale
  }

  /// What the sums of each column begin with, for queries that are shifted by 128: what the shift adds
  /// to them, taken off.
  @inlinable @inline(__always)
  static func start(_ keys: PackedMatrix, _ starts: UnsafeMutablePointer<Int32>) {
    starts.update(repeating: 0, count: keys.columns)
    let floats = UnsafeMutableRawPointer(starts).assumingMemoryBound(to: Float.self)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Math.elementsPerStep) { shift in
      shift.update(repeating: 128)
      let base = UnsafePointer(shift.baseAddress.unsafelyUnwrapped)
      for column in stride(from: 0, to: keys.columns, by: keys.panelWidth) {
        var sums = TileRow<Math>(resuming: floats + column, stride: 0)
        for step in 0..<keys.steps {
          sums.accumulate(base, stride: 0, TileWeights<Math>(keys.line(column, step)))
        }
        sums.save(to: floats + column, stride: 0)
      }
    }
    for column in 0..<keys.columns { starts[column] = 0 &- starts[column] }
  }

  /// Packs pairs of values as the depth of the product, as words, with the columns' scales.
  @inlinable @inline(__always)
  package static func packValues(
    _ value: Matrix<Float>, _ plan: IntegerAttentionPlan, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let lanes = Vector.laneCount
    let panel = GEMM<Math>.panelWidth
    let packed = scratch + plan.values
    let scales = scratch + plan.valueScales
    let columns = (value.columns + panel - 1) / panel * panel
    for column in stride(from: 0, to: columns, by: lanes) {
      var target = packed + column / panel * panel * plan.valueSteps + column % panel
      guard column < value.columns else {
        Vector.zero.store(to: scales + column)
        for _ in 0..<plan.valueSteps {
          Vector.zero.store(to: target)
          target += panel
        }
        continue
      }
      let largest = foldingRows(value, column: column, joining: { $0.maximumOfMagnitudes($1) }) {
        $0.maximumOfMagnitudes($1.magnitude())
      }.maximum(Vector(repeating: 1e-30))
      let factor = Vector(repeating: Float(mostValue)) / largest
      for row in stride(from: 0, to: value.rows, by: 2) {
        let first = load(value, row, column)
        let second = row + 1 < value.rows ? load(value, row + 1, column) : .zero
        Products.storePairs(first, second, times: factor, to: UnsafeMutableRawPointer(target))
        target += panel
      }
      // Not a number where something is infinite.
      (largest * Vector(repeating: 1 / Float(mostValue))).adding(largest, times: .zero)
        .store(to: scales + column)
    }
  }

  /// Combines the rows' vectors that begin with a column, from zero on, in two chains.
  @inlinable @inline(__always)
  static func foldingRows(
    _ source: Matrix<Float>, column: Int, joining join: (Vector, Vector) -> Vector,
    _ combine: (Vector, Vector) -> Vector
  ) -> Vector {
    var (even, odd) = (Vector.zero, Vector.zero)
    for row in stride(from: 0, to: source.rows - 1, by: 2) {
      even = combine(even, load(source, row, column))
      odd = combine(odd, load(source, row + 1, column))
    }
    if source.rows % 2 == 1 { even = combine(even, load(source, source.rows - 1, column)) }
    return join(even, odd)
  }

  @inlinable @inline(__always)
  static func load(_ source: Matrix<Float>, _ row: Int, _ column: Int) -> Vector {
    Vector(loading: source.row(row) + column)
  }

  /// The part of the scratch that begins at one of the plan's offsets.
  @inlinable @inline(__always)
  static func part<Element>(
    _ scratch: UnsafeMutablePointer<Float>, _ offset: Int, of type: Element.Type
  ) -> UnsafeMutablePointer<Element> {
    UnsafeMutableRawPointer(scratch + offset).assumingMemoryBound(to: type)
  }
}

/// Where the parts of a head's scratch begin, in floats from its own beginning: each on a new line.
@usableFromInline
package struct IntegerAttentionPlan: BitwiseCopyable {
  /// Keys up to whole panels; those behind the last are zeros, and nobody looks at their scores.
  @usableFromInline let paddedKeys: Int
  @usableFromInline let keySteps: Int
  @usableFromInline let valueSteps: Int
  /// A line more than the keys, so that the rows of long sequences don't meet in the same places of
  /// the cache.
  @usableFromInline let scoreStride: Int
  @usableFromInline let wordStride: Int
  @usableFromInline let queryStride: Int
  @usableFromInline let keyScales: Int
  @usableFromInline let keyStarts: Int
  @usableFromInline let values: Int
  @usableFromInline let valueScales: Int
  @usableFromInline let mean: Int
  @usableFromInline let queries: Int
  @usableFromInline let queryScales: Int
  @usableFromInline let scores: Int
  @usableFromInline let words: Int
  @usableFromInline let factors: Int
  @usableFromInline let end: Int

  @inlinable @inline(__always)
  init(length: Int, size: Int, panel: Int, rows: Int) {
    let line = 16
    let lines = { (count: Int) in (count + line - 1) / line * line }
    paddedKeys = (length + panel - 1) / panel * panel
    keySteps = size / 4
    valueSteps = (length + 1) / 2
    scoreStride = paddedKeys + line
    wordStride = paddedKeys + 2 * line
    queryStride = 4 * lines(keySteps)
    let paddedColumns = (size + panel - 1) / panel * panel
    keyScales = keySteps * paddedKeys
    keyStarts = keyScales + paddedKeys
    values = keyStarts + paddedKeys
    valueScales = values + valueSteps * paddedColumns
    mean = valueScales + paddedColumns
    queries = mean + lines(size)
    queryScales = queries + rows * queryStride / 4
    scores = queryScales + lines(2 * rows)
    words = scores + rows * scoreStride
    factors = words + rows * wordStride / 2
    end = factors + lines(2 * rows)
  }
}
