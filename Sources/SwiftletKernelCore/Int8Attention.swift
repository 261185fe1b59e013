/// The steps of int8 attention, as separate functions of an instruction set whose products of
/// 16-bit integers are faster than those of floats.
@usableFromInline
package protocol Int8AttentionSteps {
  associatedtype Vector: KernelVector

  /// Stores the lanes times `factor`, rounded to integers within 0...32767.
  static func storeInt16(
    _ lanes: Vector, times factor: Vector, to pointer: UnsafeMutablePointer<Int16>)
  /// Stores each lane of `first` followed by that of `second`, times `factor` and rounded to
  /// integers within -32767...32767.
  static func storeInt16Pairs(
    _ first: Vector, _ second: Vector, times factor: Vector, to pointer: UnsafeMutableRawPointer)
  /// See `Int8Attention.packKeys`.
  static func packKeys(
    _ key: Matrix<Float>, _ layout: Int8AttentionLayout, _ scratch: UnsafeMutablePointer<Float>)
  /// See `Int8Attention.packValues`.
  static func packValues(
    _ value: Matrix<Float>, _ layout: Int8AttentionLayout, _ scratch: UnsafeMutablePointer<Float>)
  /// See `Quantization`.
  static func quantize(
    _ query: Matrix<Float>, _ bytes: Matrix<UInt8>, _ scales: UnsafeMutablePointer<RowScale>)
  /// scores[i, j] = q[i, :] · k[j, :], for whole panels of keys
  static func scores(
    _ query: Matrix<UInt8>, _ keys: PackedMatrix, _ scaling: IntegerScaling,
    _ scores: Matrix<Float>)
  /// See `Softmax`.
  static func int16Numerators(
    _ scores: Matrix<Float>, count: Int, scale: Float, maxNumerator: Float,
    into numerators: Matrix<Int16>,
    factors: UnsafeMutablePointer<RowScale>)
  /// out[i, :] = Σⱼ numerators[i, j] v[j, :], scaled
  static func context(
    _ numerators: Matrix<Int16>, _ values: PackedMatrix, _ scaling: IntegerScaling,
    _ output: Matrix<Float>)
}

/// `Attention` with integer products: q kᵀ of int8, with a scale for each query and each key;
/// softmax(…) v of int16, with a scale for each row and each column of v.
///
/// Keys are stored as their difference from the mean key. That subtracts the same number from all
/// scores of a query, which softmax ignores; the part that keys share, often the larger one, would
/// use up the range of a byte. Zhang et al., "SageAttention", 2024, section 4.2. Probabilities are
/// int16 because int8 loses the many small ones of a long text.
///
/// Infinities and NaN make every result that depends on them NaN. The head size is a multiple of 16
/// and of the vector's lanes.
@usableFromInline
package enum Int8Attention<Full: TileBlock, Steps: Int8AttentionSteps>
where
  Full.Dot.Element == UInt8, Full.Dot.Scaling == IntegerScaling,
  Full.Dot.Vector == Steps.Vector
{
  @usableFromInline package typealias Dot = Full.Dot
  @usableFromInline package typealias Vector = Full.Dot.Vector

  /// Floats of scratch that `head` needs for sequences of at most `length` tokens.
  @inlinable @inline(__always)
  package static func scratchCount(length: Int, headSize: Int) -> Int {
    layout(length: length, size: headSize).end
  }

  @inlinable @inline(__always)
  static func layout(length: Int, size: Int) -> Int8AttentionLayout {
    Int8AttentionLayout(
      length: length, size: size, panel: GEMM<Dot>.panelWidth, rows: Full.rowCount)
  }

  /// `query` may have fewer rows than `key` and `value`: only those whose results are read.
  @inlinable @inline(__always)
  package static func head(
    query: Matrix<Float>, key: Matrix<Float>, value: Matrix<Float>, output: Matrix<Float>,
    scale: Float, scratch: UnsafeMutablePointer<Float>
  ) {
    let layout = layout(length: key.rows, size: key.columns)
    Steps.packKeys(key, layout, scratch)
    Steps.packValues(value, layout, scratch)
    let keys = keys(layout, scratch)
    let values = PackedMatrix(
      pointer: scratch + layout.values, steps: layout.valueSteps, columns: value.columns,
      panelWidth: GEMM<Dot>.panelWidth)
    let starts = scratch.part(layout.keyStarts, of: Int32.self)
    let queryScales = scratch.part(layout.queryScales, of: RowScale.self)
    let factors = scratch.part(layout.factors, of: RowScale.self)
    // The largest numerator for which no sum of products overflows 32 bits.
    let maxNumerator = Float(min(32767, Int(Int32.max) / (maxValue * key.rows)))

    for first in stride(from: 0, to: query.rows, by: Full.rowCount) {
      let rows = first..<min(query.rows, first + Full.rowCount)
      let bytes = Matrix(
        scratch.part(layout.queries, of: UInt8.self), rows: rows.count, columns: key.columns,
        stride: layout.queryStride)
      let scores = Matrix(
        scratch + layout.scores, rows: rows.count, columns: layout.paddedKeys,
        stride: layout.scoreStride)
      let numerators = Matrix(
        scratch.part(layout.numerators, of: Int16.self), rows: rows.count,
        columns: 2 * layout.valueSteps,
        stride: layout.numeratorStride)
      Steps.quantize(query.rows(rows), bytes, queryScales)
      Steps.scores(
        bytes, keys,
        IntegerScaling(row: queryScales, column: scratch + layout.keyScales, start: starts), scores)
      Steps.int16Numerators(
        scores, count: key.rows, scale: scale, maxNumerator: maxNumerator, into: numerators,
        factors: factors)
      Steps.context(
        numerators, values,
        IntegerScaling(row: factors, column: scratch + layout.valueScales, start: starts),
        output.rows(rows))
    }
  }

  @inlinable @inline(__always)
  static func keys(
    _ layout: Int8AttentionLayout, _ scratch: UnsafeMutablePointer<Float>
  ) -> PackedMatrix {
    PackedMatrix(
      pointer: scratch, steps: layout.keySteps, columns: layout.paddedKeys,
      panelWidth: GEMM<Dot>.panelWidth)
  }

  /// The largest magnitude of a quantised value of v.
  @inlinable @inline(__always)
  static var maxValue: Int { 511 }

  /// Packs the keys' differences from their mean as columns of bytes, with their scales and starts.
  @inlinable @inline(__always)
  package static func packKeys(
    _ key: Matrix<Float>, _ layout: Int8AttentionLayout, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let panel = GEMM<Dot>.panelWidth
    let scales = scratch + layout.keyScales
    // The memory of scores and queries is still free: it holds a centred key, and the bytes of
    // four.
    let mean = scratch + layout.mean
    let centered = scratch + layout.scores
    let bytes = scratch.part(layout.queries, of: UInt8.self)
    for column in stride(from: 0, to: key.columns, by: Vector.laneCount) {
      let sum = foldingRows(key, column: column, joining: +) { $0 + $1 }
      (sum * Vector(repeating: 1 / Float(key.rows))).store(to: mean + column)
    }
    for first in stride(from: 0, to: layout.paddedKeys, by: 4) {
      for row in 0..<4 {
        let place = bytes + row * layout.queryStride
        scales[first + row] = packKey(key, first + row, mean, centered, into: place)
      }
      let target = scratch + first / panel * panel * layout.keySteps + first % panel
      for step in stride(from: 0, to: layout.keySteps, by: 4) {
        let row = { signedBytes(bytes + $0 * layout.queryStride + 4 * step) }
        FourColumns(row(0), row(1), row(2), row(3)).store(to: target + step * panel, stride: panel)
      }
    }
    start(keys(layout, scratch), scratch.part(layout.keyStarts, of: Int32.self))
  }

  /// Converts 16 bytes that are shifted by 128 to signed bytes.
  @inlinable @inline(__always)
  static func signedBytes(_ bytes: UnsafePointer<UInt8>) -> SIMD4<Float> {
    let shifted = UnsafeRawPointer(bytes).loadUnaligned(as: SIMD4<UInt32>.self)
    return unsafeBitCast(shifted ^ SIMD4(repeating: 0x8080_8080), to: SIMD4<Float>.self)
  }

  /// Quantises a key's difference from the mean; returns the scale. Surplus keys become zeros.
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
    // Rounded to whole vectors, so that the compiler emits no code for a remainder.
    let whole = key.columns / Vector.laneCount * Vector.laneCount
    return Quantization<Vector>.row(centered, count: whole, into: bytes).scale
  }

  /// Computes the initial sums of each column, which cancel the shift of the queries by 128.
  @inlinable @inline(__always)
  static func start(_ keys: PackedMatrix, _ starts: UnsafeMutablePointer<Int32>) {
    starts.update(repeating: 0, count: keys.columns)
    let floats = UnsafeMutableRawPointer(starts).assumingMemoryBound(to: Float.self)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Dot.elementsPerStep) { shift in
      shift.update(repeating: 128)
      let base = UnsafePointer(shift.baseAddress.unsafelyUnwrapped)
      for column in stride(from: 0, to: keys.columns, by: keys.panelWidth) {
        var sums = TileRow<Dot>(resuming: floats + column, stride: 0)
        for step in 0..<keys.steps {
          sums.accumulate(base, stride: 0, TileWeights<Dot>(keys.address(column, step)))
        }
        sums.save(to: floats + column, stride: 0)
      }
    }
    for column in 0..<keys.columns { starts[column] = 0 &- starts[column] }
  }

  /// Packs values as int16, two rows to a step of the product, with the columns' scales.
  @inlinable @inline(__always)
  package static func packValues(
    _ value: Matrix<Float>, _ layout: Int8AttentionLayout, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let lanes = Vector.laneCount
    let panel = GEMM<Dot>.panelWidth
    let packed = scratch + layout.values
    let scales = scratch + layout.valueScales
    let columns = (value.columns + panel - 1) / panel * panel
    for column in stride(from: 0, to: columns, by: lanes) {
      var target = packed + column / panel * panel * layout.valueSteps + column % panel
      guard column < value.columns else {
        Vector.zero.store(to: scales + column)
        for _ in 0..<layout.valueSteps {
          Vector.zero.store(to: target)
          target += panel
        }
        continue
      }
      let largest = foldingRows(value, column: column, joining: { $0.maximumOfMagnitudes($1) }) {
        $0.maximumOfMagnitudes($1.magnitude())
      }.maximum(Vector(repeating: 1e-30))
      let factor = Vector(repeating: Float(maxValue)) / largest
      for row in stride(from: 0, to: value.rows, by: 2) {
        let first = load(value, row, column)
        let second = row + 1 < value.rows ? load(value, row + 1, column) : .zero
        Steps.storeInt16Pairs(first, second, times: factor, to: UnsafeMutableRawPointer(target))
        target += panel
      }
      // NaN where a value is infinite.
      (largest * Vector(repeating: 1 / Float(maxValue))).adding(largest, times: .zero)
        .store(to: scales + column)
    }
  }

  /// Combines the vectors at `column` of all rows, in two chains that start at zero.
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
}

/// The offsets of the parts of a head's scratch, in floats; each part begins on a cache line.
@usableFromInline
package struct Int8AttentionLayout: BitwiseCopyable {
  /// Keys rounded up to whole panels; the surplus keys are zeros, and their scores are ignored.
  @usableFromInline let paddedKeys: Int
  @usableFromInline let keySteps: Int
  @usableFromInline let valueSteps: Int
  /// One cache line more than the keys: rows at multiples of 4 KiB would share cache sets.
  @usableFromInline let scoreStride: Int
  @usableFromInline let numeratorStride: Int
  @usableFromInline let queryStride: Int
  @usableFromInline let keyScales: Int
  @usableFromInline let keyStarts: Int
  @usableFromInline let values: Int
  @usableFromInline let valueScales: Int
  @usableFromInline let mean: Int
  @usableFromInline let queries: Int
  @usableFromInline let queryScales: Int
  @usableFromInline let scores: Int
  @usableFromInline let numerators: Int
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
    numeratorStride = paddedKeys + 2 * line
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
    numerators = scores + rows * scoreStride
    factors = numerators + rows * numeratorStride / 2
    end = factors + lines(2 * rows)
  }
}
