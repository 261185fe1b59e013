import SwiftletMemory

/// C[M, N] = epilogue(A[M, K] B[K, N]) for B packed in panels.
///
/// Every element of C is summed over k = 0, 1, 2 … in one accumulator, whichever tile it falls
/// into: the bits of a row depend neither on the other rows nor on how the work is cut.
@usableFromInline
package enum GEMM<Vector: KernelVector> {
  @inlinable @inline(__always)
  package static var panelWidth: Int { 2 * Vector.laneCount }

  /// Multiplies all rows of `a` with `panels` of `b`. `Full` is the largest tile whose
  /// accumulators fit into the registers.
  @inlinable @inline(__always)
  package static func multiply<Full: TileBlock, Ending: Epilogue>(
    _ full: Full.Type, _ a: Matrix<Float>, _ b: PackedMatrix, _ panels: Range<Int>,
    _ ending: Ending
  ) where Full.Vector == Vector, Ending.Vector == Vector {
    for panel in panels {
      let column = panel * panelWidth
      let width = min(panelWidth, b.columns - column)
      let source = b.pointer + column * b.depth
      if width == panelWidth {
        rows(full, a, source, b.depth, column, ending)
      } else {
        edge(a, source, b.depth, column: column, width: width, ending)
      }
    }
  }

  /// Runs the largest tiles that fit over all rows of `a` and one panel.
  @inlinable @inline(__always)
  static func rows<Full: TileBlock, Ending: Epilogue>(
    _ full: Full.Type, _ a: Matrix<Float>, _ panel: UnsafePointer<Float>, _ depth: Int,
    _ column: Int, _ ending: Ending
  ) where Full.Vector == Vector, Ending.Vector == Vector {
    var row = 0
    while row + Full.rowCount <= a.rows {
      tile(full, a, row, panel, depth, column, ending)
      row += Full.rowCount
    }
    if Full.rowCount > 8, row + 8 <= a.rows {
      tile(Tile8<Vector>.self, a, row, panel, depth, column, ending)
      row += 8
    }
    if Full.rowCount > 4, row + 4 <= a.rows {
      tile(Tile4<Vector>.self, a, row, panel, depth, column, ending)
      row += 4
    }
    if row + 2 <= a.rows {
      tile(Tile2<Vector>.self, a, row, panel, depth, column, ending)
      row += 2
    }
    if row < a.rows {
      tile(Tile1<Vector>.self, a, row, panel, depth, column, ending)
    }
  }

  /// One tile: the sums of `Block.rowCount` rows from `row` on, and a panel.
  @inlinable @inline(__always)
  static func tile<Block: TileBlock, Ending: Epilogue>(
    _ block: Block.Type, _ a: Matrix<Float>, _ row: Int, _ panel: UnsafePointer<Float>,
    _ depth: Int, _ column: Int, _ ending: Ending
  ) where Block.Vector == Vector, Ending.Vector == Vector {
    var sums = Block()
    let source = UnsafePointer(a.row(row))
    var b = panel
    for k in 0..<depth {
      sums.accumulate(
        source + k, stride: a.stride, Vector(loading: b), Vector(loading: b + Vector.laneCount))
      b += panelWidth
    }
    sums.finish(ending, row: row, column: column)
  }

  /// The last panel where it has columns that nobody wants: its sums go through a small buffer, so
  /// that the tiles need no code for every width.
  @inlinable @inline(__always)
  static func edge<Ending: Epilogue>(
    _ a: Matrix<Float>, _ panel: UnsafePointer<Float>, _ depth: Int,
    column: Int, width: Int, _ ending: Ending
  ) where Ending.Vector == Vector {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * panelWidth) { buffer in
      let base = buffer.baseAddress.unsafelyUnwrapped
      for row in stride(from: 0, to: a.rows, by: 4) {
        let count = min(4, a.rows - row)
        let block = Matrix(a.row(row), rows: count, columns: a.columns, stride: a.stride)
        let sums = Matrix(base, rows: count, columns: width, stride: panelWidth)
        rows(Tile4<Vector>.self, block, panel, depth, 0, StoreSums(output: sums))
        finishRows(sums, row: row, column: column, ending)
      }
    }
  }
}
