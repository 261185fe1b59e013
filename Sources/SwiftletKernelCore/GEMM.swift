import SwiftletMemory

/// C[M, N] = epilogue(A[M, K] B[K, N]) for B packed in panels.
///
/// Every element of C is summed over k = 0, 1, 2 … in one accumulator, whichever tile it falls
/// into: the bits of a row depend neither on the other rows nor on how the work is cut.
@usableFromInline
package enum GEMM<Math: Arithmetic> {
  @usableFromInline package typealias Vector = Math.Vector

  @inlinable @inline(__always)
  package static var panelWidth: Int { 2 * Vector.laneCount }

  /// Multiplies all rows of `a` with `panels` of `b`. `Full` is the largest tile whose
  /// accumulators fit into the registers.
  @inlinable @inline(__always)
  package static func multiply<Full: TileBlock, Ending: Epilogue>(
    _ full: Full.Type, _ a: Matrix<Math.Element>, _ b: PackedMatrix, _ panels: Range<Int>,
    _ scaling: Math.Scaling, _ ending: Ending
  ) where Full.Math == Math, Ending.Vector == Vector {
    for panel in panels {
      let column = panel * panelWidth
      let width = min(panelWidth, b.columns - column)
      let source = b.pointer + panel * b.panelBytes
      if width == panelWidth {
        rows(full, a, source, b.steps, scaling, column, shift: 0, ending)
      } else {
        edge(a, source, b.steps, scaling, column: column, width: width, ending)
      }
    }
  }

  /// Runs the largest tiles that fit over all rows of `a` and one panel.
  @inlinable @inline(__always)
  static func rows<Full: TileBlock, Ending: Epilogue>(
    _ full: Full.Type, _ a: Matrix<Math.Element>, _ panel: UnsafeRawPointer, _ steps: Int,
    _ scaling: Math.Scaling, _ column: Int, shift: Int, _ ending: Ending
  ) where Full.Math == Math, Ending.Vector == Vector {
    var row = 0
    while row + Full.rowCount <= a.rows {
      tile(full, a, row, panel, steps, scaling, column, shift, ending)
      row += Full.rowCount
    }
    if Full.rowCount > 8, row + 8 <= a.rows {
      tile(Tile8<Math>.self, a, row, panel, steps, scaling, column, shift, ending)
      row += 8
    }
    if Full.rowCount > 4, row + 4 <= a.rows {
      tile(Tile4<Math>.self, a, row, panel, steps, scaling, column, shift, ending)
      row += 4
    }
    if row + 2 <= a.rows {
      tile(Tile2<Math>.self, a, row, panel, steps, scaling, column, shift, ending)
      row += 2
    }
    if row < a.rows {
      tile(Tile1<Math>.self, a, row, panel, steps, scaling, column, shift, ending)
    }
  }

  /// One tile: the sums of `Block.rowCount` rows from `row` on, and a panel. The result goes to the
  /// columns from `column - shift` on.
  @inlinable @inline(__always)
  static func tile<Block: TileBlock, Ending: Epilogue>(
    _ block: Block.Type, _ a: Matrix<Math.Element>, _ row: Int, _ panel: UnsafeRawPointer,
    _ steps: Int, _ scaling: Math.Scaling, _ column: Int, _ shift: Int, _ ending: Ending
  ) where Block.Math == Math, Ending.Vector == Vector {
    var sums = Block(scaling, column: column)
    var source = UnsafePointer(a.row(row))
    var b = panel
    for _ in 0..<steps {
      sums.accumulate(
        source, stride: a.stride, Math.load(b), Math.load(b + Math.bytesPerStep))
      source += Math.elementsPerStep
      b += 2 * Math.bytesPerStep
    }
    sums.finish(ending, scaling, row: row, column: column, shift: shift)
    ending.complete(rows: row..<row + Block.rowCount, column: column - shift)
  }

  /// The last panel where it has columns that nobody wants: its sums go through a small buffer, so
  /// that the tiles need no code for every width.
  @inlinable @inline(__always)
  static func edge<Ending: Epilogue>(
    _ a: Matrix<Math.Element>, _ panel: UnsafeRawPointer, _ steps: Int, _ scaling: Math.Scaling,
    column: Int, width: Int, _ ending: Ending
  ) where Ending.Vector == Vector {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: panelWidth) { buffer in
      let base = buffer.baseAddress.unsafelyUnwrapped
      for row in 0..<a.rows {
        // Each row writes the buffer's one line, whatever its number.
        let line = Matrix(base, rows: a.rows, columns: width, stride: 0)
        tile(
          Tile1<Math>.self, a, row, panel, steps, scaling, column, column,
          StoreSums(output: line))
        finishRows(
          Matrix(base, rows: 1, columns: width, stride: panelWidth), row: row, column: column,
          ending)
      }
    }
  }
}
