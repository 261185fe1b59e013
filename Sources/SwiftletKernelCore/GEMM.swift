/// C[M, N] = epilogue(A[M, K] B[K, N]) for B packed in panels (see ``PackedMatrix``). What it computes:
///
///     for m in 0..<M {
///       for n in 0..<N {
///         var sum: Float = 0
///         for k in 0..<K { sum.addProduct(a[m][k], b[k][n]) }
///         c[m][n] = epilogue(sum, m, n)
///       }
///     }
///
/// A tile keeps the sums of some rows and one panel in registers. Every element of C is summed over
/// k = 0, 1, 2 … in one accumulator, whichever tile it falls into: the bits of a row depend neither on
/// the other rows nor on how the work is cut.
@usableFromInline
package enum GEMM<Dot: DotProduct> {
  @usableFromInline package typealias Vector = Dot.Vector

  @inlinable @inline(__always)
  package static var panelWidth: Int { 2 * Vector.laneCount }

  /// Multiplies all rows of `a` by the panels `panels` of `b`. `Full` is the largest tile whose
  /// accumulators fit into the registers.
  @inlinable @inline(__always)
  package static func multiply<Full: TileBlock, Supply: PanelSupply, E: Epilogue>(
    _ full: Full.Type, _ a: Matrix<Dot.Element>, _ b: Supply, _ panels: Range<Int>,
    _ scaling: Dot.Scaling, _ epilogue: E
  ) where Full.Dot == Dot, E.Vector == Vector {
    // A block of rows stays in the L2 cache while all panels are multiplied, and so does the part
    // of a panel that its tiles share.
    let maxRows = 16 * Full.rowCount
    let isBlocked = a.rows > Full.rowCount && !epilogue.readsOutput
    let parts = isBlocked ? (b.steps + maxSteps - 1) / maxSteps : 1
    let steps = max(1, (b.steps + parts - 1) / parts)
    let minSteps = b.steps - (parts - 1) * steps
    var deferred = DeferredEpilogue(epilogue, steps: minSteps, rows: Full.rowCount)
    for row in stride(from: 0, to: a.rows, by: maxRows) {
      for step in stride(from: 0, to: max(1, b.steps), by: steps) {
        let block = GEMMBlock(
          rows: row..<min(row + maxRows, a.rows), steps: step..<min(step + steps, b.steps),
          isLast: step + steps >= b.steps)
        multiply(full, a, b, panels, block, scaling, &deferred)
      }
    }
    deferred.complete()
  }

  /// Two panels of so many steps fit into the L2 cache besides a block of rows.
  @inlinable @inline(__always)
  static var maxSteps: Int { 768 }

  /// Runs one block for all panels. Partial sums wait in the output.
  @inlinable @inline(__always)
  static func multiply<Full: TileBlock, Supply: PanelSupply, E: Epilogue>(
    _ full: Full.Type, _ a: Matrix<Dot.Element>, _ b: Supply, _ panels: Range<Int>,
    _ block: GEMMBlock, _ scaling: Dot.Scaling, _ deferred: inout DeferredEpilogue<E>
  ) where Full.Dot == Dot, E.Vector == Vector {
    let epilogue = deferred.epilogue
    for panel in panels {
      let column = panel * panelWidth
      let width = min(panelWidth, b.columns - column)
      let nextColumn =
        panel + 1 < panels.upperBound || block.isLast
        ? column + panelWidth : panels.lowerBound * panelWidth
      let step = panel + 1 < panels.upperBound ? block.steps.lowerBound : block.followingStep
      scaling.prefetch(Vector.self, column: nextColumn)
      epilogue.prefetch(Vector.self, column: nextColumn)
      if width == panelWidth {
        let tiles = (block.rows.count + Full.rowCount - 1) / Full.rowCount
        let source = b.panel(column, block.steps, next: (nextColumn, step), tiles: tiles)
        rows(full, a, source, block, scaling, column, &deferred)
      } else if block.isLast {
        let source = b.panel(
          column, 0..<b.steps, next: (nextColumn, step), tiles: block.rows.count)
        edge(a, source, block.rows, scaling, column: column, width: width, epilogue)
      }
    }
  }

  /// Covers the rows of a block with the largest tiles that fit, for one panel.
  @inlinable @inline(__always)
  static func rows<Full: TileBlock, E: Epilogue>(
    _ full: Full.Type, _ a: Matrix<Dot.Element>, _ panel: PanelSource, _ block: GEMMBlock,
    _ scaling: Dot.Scaling, _ column: Int, _ deferred: inout DeferredEpilogue<E>
  ) where Full.Dot == Dot, E.Vector == Vector {
    let end = block.rows.upperBound
    let epilogue = deferred.epilogue
    // Smaller tiles complete their own results.
    var none = DeferredEpilogue(StoreSums<Vector>(output: epilogue.output))
    var prefetch = panel.prefetch
    var row = block.rows.lowerBound
    // Two tiles of two thirds instead of a full one and one of a third, whose few sums would wait
    // for each other.
    let isUneven =
      Full.rowCount % 6 == 0 && (end - row) % Full.rowCount == Full.rowCount / 3
    let fullEnd = isUneven ? end - Full.rowCount / 3 * 4 : end
    while row + Full.rowCount <= fullEnd {
      tile(full, a, row, panel, block, &prefetch, scaling, column, epilogue, &deferred)
      row += Full.rowCount
    }
    while Full.rowCount > 8, row + 8 <= end {
      tile(Tile8<Dot>.self, a, row, panel, block, &prefetch, scaling, column, epilogue, &none)
      row += 8
    }
    while Full.rowCount > 4, row + 4 <= end {
      tile(Tile4<Dot>.self, a, row, panel, block, &prefetch, scaling, column, epilogue, &none)
      row += 4
    }
    if row + 2 <= end {
      tile(Tile2<Dot>.self, a, row, panel, block, &prefetch, scaling, column, epilogue, &none)
      row += 2
    }
    if row < end {
      tile(Tile1<Dot>.self, a, row, panel, block, &prefetch, scaling, column, epilogue, &none)
    }
  }

  /// One tile: `Block.rowCount` rows from `row` on, times a panel.
  @inlinable @inline(__always)
  static func tile<Block: TileBlock, E: Epilogue, Deferred: Epilogue>(
    _ type: Block.Type, _ a: Matrix<Dot.Element>, _ row: Int, _ panel: PanelSource,
    _ block: GEMMBlock, _ prefetch: inout PanelSource.Prefetch, _ scaling: Dot.Scaling,
    _ column: Int,
    _ epilogue: E, _ deferred: inout DeferredEpilogue<Deferred>
  ) where Block.Dot == Dot, E.Vector == Vector, Deferred.Vector == Vector {
    let output = epilogue.output
    let target = output.row(row) + column
    var sums =
      block.isFirst
      ? Block(scaling, column: column) : Block(resuming: target, stride: output.stride)
    run(
      &sums, UnsafePointer(a.row(row)) + block.steps.lowerBound * Dot.elementsPerStep,
      stride: a.stride, panel, &prefetch, &deferred)
    guard block.isLast else { return sums.save(to: target, stride: output.stride) }
    sums.apply(epilogue, scaling, row: row, column: column, shift: 0)
    // Without registers for pairs of steps there are none for a deferred epilogue.
    if deferred.isUsed, Dot.takesStepsInPairs {
      deferred.take(firstRow: row, column: column)
    } else {
      epilogue.complete(rows: row..<row + Block.rowCount, column: column)
    }
  }

  /// A last panel that is not full: its sums go through a small buffer, so that the tiles need no
  /// code for each width.
  @inlinable @inline(__always)
  static func edge<E: Epilogue>(
    _ a: Matrix<Dot.Element>, _ panel: PanelSource, _ rows: Range<Int>, _ scaling: Dot.Scaling,
    column: Int, width: Int, _ epilogue: E
  ) where E.Vector == Vector {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: panelWidth) { buffer in
      let base = buffer.baseAddress.unsafelyUnwrapped
      // Every row writes the same line of the buffer.
      let line = StoreSums<Vector>(
        output: Matrix(base, rows: a.rows, columns: width, stride: 0))
      var prefetch = panel.prefetch
      var none = DeferredEpilogue(line)
      for row in rows {
        var sums = Tile1<Dot>(scaling, column: column)
        run(&sums, UnsafePointer(a.row(row)), stride: a.stride, panel, &prefetch, &none)
        sums.apply(line, scaling, row: row, column: column, shift: column)
        applyEpilogue(
          Matrix(base, rows: 1, columns: width, stride: panelWidth), row: row, column: column,
          epilogue)
      }
    }
  }
}

/// Rows and steps of a product that run together.
@usableFromInline
package struct GEMMBlock {
  @usableFromInline let rows: Range<Int>
  @usableFromInline let steps: Range<Int>
  @usableFromInline let isLast: Bool

  @inlinable @inline(__always)
  init(rows: Range<Int>, steps: Range<Int>, isLast: Bool) {
    self.rows = rows
    self.steps = steps
    self.isLast = isLast
  }

  @inlinable @inline(__always)
  var isFirst: Bool { steps.lowerBound == 0 }

  /// The first step of the block after this one, or of the next panels.
  @inlinable @inline(__always)
  var followingStep: Int { isLast ? 0 : steps.upperBound }
}
