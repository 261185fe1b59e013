/// The scratch of the backward pass of attention for one head: offsets in floats, and views.
@usableFromInline
package struct AttentionGradientLayout<Full: TileBlock> {
  @usableFromInline let length: Int
  @usableFromInline let size: Int
  @usableFromInline let panel: Int
  /// The length rounded up to whole panels.
  @usableFromInline let padded: Int
  /// Floats from one row of scores to the next.
  @usableFromInline let scoreStride: Int
  /// The query rows of a block, whose scores and their gradients stay in the L2 cache.
  @usableFromInline let blockRows: Int

  @usableFromInline let keyColumns: Int
  @usableFromInline let valueColumns: Int
  @usableFromInline let keyRows: Int
  @usableFromInline let keySums: Int
  @usableFromInline let valueSums: Int
  @usableFromInline let blockOfRows: Int
  @usableFromInline let scores: Int
  @usableFromInline let scoreGradients: Int
  @usableFromInline let factors: Int
  @usableFromInline let means: Int
  /// Floats of the whole scratch.
  @usableFromInline let count: Int

  @inlinable @inline(__always)
  init(length: Int, headSize: Int) {
    self.length = length
    size = headSize
    panel = GEMM<Full.Dot>.panelWidth
    padded = (length + panel - 1) / panel * panel
    // One cache line of padding: rows at multiples of 4 KiB would share cache sets.
    scoreStride = padded + panel / 2
    let tiles = max(1, Self.blockFloats / (scoreStride * Full.rowCount))
    blockRows = min(tiles * Full.rowCount, max(1, length))

    let rowFloats = (headSize + panel - 1) / panel * panel
    keyColumns = 0
    valueColumns = padded * headSize
    keyRows = 2 * padded * headSize
    keySums = keyRows + length * rowFloats
    valueSums = keySums + length * rowFloats
    blockOfRows = valueSums + length * rowFloats
    scores = blockOfRows + blockRows * rowFloats
    scoreGradients = scores + blockRows * scoreStride
    factors = scoreGradients + blockRows * scoreStride
    means = factors + blockRows
    count = means + blockRows
  }

  /// 128 KB for the scores of a block, and as many for their gradients.
  @inlinable @inline(__always)
  static var blockFloats: Int { 32 << 10 }

  /// All tokens as the columns of a product; the surplus columns are zeros.
  @inlinable @inline(__always)
  func columns(_ pointer: UnsafeRawPointer) -> PackedMatrix {
    PackedMatrix(pointer: pointer, steps: size, columns: padded, panelWidth: panel)
  }

  /// Some tokens as the steps of a product.
  @inlinable @inline(__always)
  func rows(_ pointer: UnsafeRawPointer, count: Int) -> PackedMatrix {
    PackedMatrix(pointer: pointer, steps: count, columns: size, panelWidth: panel)
  }

  /// The rows of some queries with a column for each key, or with `padded` columns.
  @inlinable @inline(__always)
  func block(
    _ pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) -> Matrix<Float> {
    Matrix(pointer, rows: rows, columns: columns, stride: scoreStride)
  }
}
