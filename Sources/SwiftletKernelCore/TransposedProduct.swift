/// C[M, N] = A[K, M]ᵀ B[K, N] for A in row-major order and B packed in panels: the products of
/// gradients, whose sums run over the rows of both operands. What it computes:
///
///     for k in 0..<K {
///       for m in 0..<M {
///         for n in 0..<N { c[m][n].addProduct(a[k][m], b[k][n]) }
///       }
///     }
///
/// The rows may come in blocks. Between blocks, the sums wait in memory as the registers hold them, so
/// the bits depend neither on the blocks nor on the tiles.
@usableFromInline
package enum TransposedProduct<Full: TileBlock>
where Full.Dot.Element == Float, Full.Dot.Scaling == NoScaling {
  @usableFromInline package typealias Dot = Full.Dot
  @usableFromInline package typealias Vector = Full.Dot.Vector

  /// Adds the products of a block of rows to `sums`, panels of [M][panelWidth]. The first block
  /// overwrites them.
  @inlinable @inline(__always)
  package static func add(
    _ a: Matrix<Float>, _ b: PackedMatrix, into sums: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    let panelFloats = a.columns * b.panelWidth
    let rest = a.columns % Full.rowCount
    // Two tiles of two thirds instead of a full one and one of a third, as in `GEMM`.
    let isUneven = Full.rowCount % 6 == 0 && a.columns > rest && rest == Full.rowCount / 3
    let fullEnd = a.columns - rest - (isUneven ? Full.rowCount : 0)
    var row = 0
    while row < fullEnd {
      tiles(Full.self, a, row, b, sums, panelFloats, isFirst)
      row += Full.rowCount
    }
    while Full.rowCount > 8, row + 8 <= a.columns {
      tiles(Tile8<Dot>.self, a, row, b, sums, panelFloats, isFirst)
      row += 8
    }
    while row + 4 <= a.columns {
      tiles(Tile4<Dot>.self, a, row, b, sums, panelFloats, isFirst)
      row += 4
    }
    if row + 2 <= a.columns {
      tiles(Tile2<Dot>.self, a, row, b, sums, panelFloats, isFirst)
      row += 2
    }
    if row < a.columns { tiles(Tile1<Dot>.self, a, row, b, sums, panelFloats, isFirst) }
  }

  /// The tiles of some rows of C, from `row` on, for all panels: A's columns stay in L1.
  @inlinable @inline(__always)
  static func tiles<Block: TileBlock>(
    _ type: Block.Type, _ a: Matrix<Float>, _ row: Int, _ b: PackedMatrix,
    _ sums: UnsafeMutablePointer<Float>, _ panelFloats: Int, _ isFirst: Bool
  ) where Block.Dot == Dot {
    var target = sums + row * b.panelWidth
    var panel = b.pointer
    for _ in 0..<b.panelCount {
      var block =
        isFirst
        ? Block(NoScaling(), column: 0) : Block(resuming: target, stride: b.panelWidth)
      var left = UnsafePointer(a.pointer) + row
      var right = panel
      for _ in 0..<b.steps {
        block.accumulate(left, stride: 1, TileWeights(right))
        left += a.stride
        right += b.stepBytes
      }
      block.save(to: target, stride: b.panelWidth)
      target += panelFloats
      panel += b.panelBytes
    }
  }

  /// Stores complete sums.
  @inlinable @inline(__always)
  package static func store(_ sums: UnsafePointer<Float>, to output: Matrix<Float>) {
    let lanes = Vector.laneCount
    let width = 2 * lanes
    for column in stride(from: 0, to: output.columns, by: lanes) {
      let count = output.columns - column
      var source = sums + column / width * width * output.rows + column % width
      for row in 0..<output.rows {
        let value = Dot.scaled(Dot.resume(source), NoScaling(), row: row, column: column)
        let target = output.row(row) + column
        if count >= lanes { value.store(to: target) } else { value.store(to: target, count: count) }
        source += width
      }
    }
  }
}
