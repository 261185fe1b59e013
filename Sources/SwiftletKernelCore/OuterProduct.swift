/// Panels of a gradient [K, N] that products add to: element (k, n) of panel p is at
/// `pointer + p * panelStride + k * rowStride + n % panelWidth`.
///
/// Weights in panel order have `panelStride` K * panelWidth and `rowStride` panelWidth; a row-major
/// table has `panelStride` panelWidth and `rowStride` N. Columns outside of the range are not touched,
/// even where a panel has memory for them.
///
/// A view, which does not own the memory.
@usableFromInline
package struct GradientPanels: BitwiseCopyable {
  @usableFromInline package let pointer: UnsafeMutablePointer<Float>
  @usableFromInline package let panelStride: Int
  @usableFromInline package let rowStride: Int
  @usableFromInline let firstColumn: Int
  @usableFromInline let endColumn: Int

  @inlinable
  package init(
    pointer: UnsafeMutablePointer<Float>, panelStride: Int, rowStride: Int, columns: Range<Int>
  ) {
    self.pointer = pointer
    self.panelStride = panelStride
    self.rowStride = rowStride
    firstColumn = columns.lowerBound
    endColumn = columns.upperBound
  }

  /// The columns that a product adds to: 0 ..< N, or some of them.
  @inlinable @inline(__always)
  package var columns: Range<Int> { firstColumn..<endColumn }

  /// The gradient of weights that are packed in panels.
  @inlinable
  package static func packed(
    _ pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Range<Int>, panelWidth: Int
  ) -> GradientPanels {
    GradientPanels(
      pointer: pointer, panelStride: rows * panelWidth, rowStride: panelWidth, columns: columns)
  }

  /// The gradient of a row-major table.
  @inlinable
  package static func table(_ table: Matrix<Float>, panelWidth: Int) -> GradientPanels {
    GradientPanels(
      pointer: table.pointer, panelStride: panelWidth, rowStride: table.stride,
      columns: 0..<table.columns)
  }
}

extension GradientPanels: @unchecked Sendable {}

/// The inner part of an outer product, which each instruction set supplies as a separate function: with it
/// inlined, the optimiser would leave parts of the product as weak functions.
@usableFromInline
package protocol OuterProductSteps {
  associatedtype Element: BitwiseCopyable

  /// See ``OuterProduct/addPanel(_:_:_:to:)``.
  static func addPanel(
    _ x: OuterProductSource<Element>, _ first: Int, _ panel: UnsafeRawPointer, _ c: Matrix<Float>)
}

/// C[k, n] += Σₜ x[t, k] g[t, n]: the gradient of the weights of y = x C, for inputs x [T, K] and the
/// gradient g [T, N] of y, or of the target's columns of y.
///
/// Every element of C is loaded into one accumulator, to which the products are added for
/// t = 0, 1, 2 …, and stored: a sum over some rows that a later call continues has the bits of a
/// single call over all rows, and the bits don't depend on how the panels are shared out.
///
/// A panel of g is packed for a block of rows. The tiles read x in place: a step broadcasts
/// neighbours of one row.
@usableFromInline
package enum OuterProduct<Full: TileBlock> {
  @usableFromInline package typealias Dot = Full.Dot

  @inlinable @inline(__always)
  static var panelWidth: Int { GEMM<Dot>.panelWidth }

  /// The steps of x and g that run together: a panel of g takes 16 KB at most, which leaves room in the L1
  /// cache for the lines of x. C is read and written once for so many products.
  @inlinable @inline(__always)
  static var blockSteps: Int { 128 }

  /// Columns of x that run together: with the rows of a block they stay in the L2 cache.
  @inlinable @inline(__always)
  static var blockColumns: Int { 64 * Full.rowCount }

  /// Floats of scratch for `depth` columns of x.
  @inlinable @inline(__always)
  package static func scratchCount(depth: Int) -> Int {
    (blockSteps + blockColumns) * panelWidth
      + (Full.rowCount < 12 ? blockSteps * (depth + Full.rowCount) : 0)
  }

  @inlinable @inline(__always)
  package static func add<Operands: OuterProductOperands, Steps: OuterProductSteps>(
    _ steps: Steps.Type, _ operands: Operands, panels: Range<Int>, to target: GradientPanels,
    scratch: UnsafeMutablePointer<Float>
  ) where Operands.Element == Dot.Element, Steps.Element == Dot.Element {
    let edge = scratch + blockSteps * panelWidth
    let strips = edge + blockColumns * panelWidth
    for first in stride(from: 0, to: operands.steps, by: blockSteps) {
      let block = first..<min(first + blockSteps, operands.steps)
      let source = operands.source(block, scratch: strips)
      for k in stride(from: 0, to: operands.columns, by: blockColumns) {
        let count = min(blockColumns, operands.columns - k)
        for panel in panels {
          let column = panel * panelWidth
          let first = max(0, target.columns.lowerBound - column)
          let lanes = first..<max(first, min(panelWidth, target.columns.upperBound - column))
          operands.pack(
            block, firstColumn: column - target.columns.lowerBound, lanes, into: scratch)
          let c = Matrix(
            target.pointer + panel * target.panelStride + k * target.rowStride,
            rows: count, columns: panelWidth, stride: target.rowStride)
          // A panel that is not whole goes through a small buffer.
          let isWhole = lanes.count == panelWidth
          let part = Matrix(edge, rows: count, columns: panelWidth)
          if !isWhole { copy(c, lanes, to: part) }
          Steps.addPanel(source, k, scratch, isWhole ? c : part)
          if !isWhole { copy(part, lanes, to: c) }
        }
      }
    }
  }

  /// Copies some columns.
  @inlinable @inline(__always)
  static func copy(_ source: Matrix<Float>, _ lanes: Range<Int>, to target: Matrix<Float>) {
    for row in 0..<source.rows {
      let (line, output) = (source.row(row), target.row(row))
      for lane in lanes { output[lane] = line[lane] }
    }
  }

  /// Covers the rows of a part of a panel of C, which begins at row `first`, with the largest tiles that
  /// fit.
  @inlinable @inline(__always)
  package static func addPanel(
    _ x: OuterProductSource<Dot.Element>, _ first: Int, _ panel: UnsafeRawPointer,
    to c: Matrix<Float>
  ) {
    var k = 0
    while k + Full.rowCount <= c.rows {
      run(Full.self, x, first + k, panel, c.row(k), stride: c.stride)
      k += Full.rowCount
    }
    while Full.rowCount > 8, k + 8 <= c.rows {
      run(Tile8<Dot>.self, x, first + k, panel, c.row(k), stride: c.stride)
      k += 8
    }
    while Full.rowCount > 4, k + 4 <= c.rows {
      run(Tile4<Dot>.self, x, first + k, panel, c.row(k), stride: c.stride)
      k += 4
    }
    if k + 2 <= c.rows {
      run(Tile2<Dot>.self, x, first + k, panel, c.row(k), stride: c.stride)
      k += 2
    }
    if k < c.rows { run(Tile1<Dot>.self, x, first + k, panel, c.row(k), stride: c.stride) }
  }

  @inlinable @inline(__always)
  static func run<Block: TileBlock>(
    _ type: Block.Type, _ x: OuterProductSource<Dot.Element>, _ k: Int,
    _ panel: UnsafeRawPointer, _ c: UnsafeMutablePointer<Float>, stride: Int
  ) where Block.Dot == Dot {
    // The rows of the next tile.
    for row in Block.rowCount..<2 * Block.rowCount { GEMM<Dot>.prefetchStep(c + row * stride) }
    var sums = Block(resuming: c, stride: stride)
    var a = x.column(k, elements: Dot.elementsPerStep)
    var b = panel
    for _ in 0..<x.rows {
      sums.accumulate(
        Dot.Vector.laundered(a), stride: Dot.elementsPerStep, TileWeights(b))
      a += x.stride
      b += 2 * Dot.bytesPerStep
    }
    sums.save(to: c, stride: stride)
  }
}
