/// x [T, K] and g [T, N] of an outer product, in the form that its tiles read.
@usableFromInline
package protocol OuterProductOperands: BitwiseCopyable {
  associatedtype Element: BitwiseCopyable

  /// The steps of the sums over T.
  var steps: Int { get }
  /// K
  var columns: Int { get }
  /// The rows of x of some steps, which may be copied to `scratch`.
  func source(
    _ range: Range<Int>, scratch: UnsafeMutablePointer<Float>
  ) -> OuterProductSource<Element>
  /// Packs columns of g as a panel [steps][panelWidth] of words of 4 bytes: `lanes` from `firstColumn` on,
  /// zeros elsewhere.
  func pack(
    _ range: Range<Int>, firstColumn: Int, _ lanes: Range<Int>,
    into panel: UnsafeMutablePointer<Float>)
}

/// Rows of x, in place or copied to strips [T][width] of neighbouring columns.
@usableFromInline
package struct OuterProductSource<Element: BitwiseCopyable>: BitwiseCopyable {
  @usableFromInline let pointer: UnsafePointer<Element>
  @usableFromInline let rows: Int
  /// From one row to the next.
  @usableFromInline let stride: Int
  /// The columns of a strip, or all.
  @usableFromInline let width: Int

  @inlinable @inline(__always)
  init(_ x: Matrix<Element>) {
    pointer = UnsafePointer(x.pointer)
    rows = x.rows
    stride = x.stride
    width = x.columns
  }

  /// Copies x to strips; the last one may have fewer columns.
  @inlinable @inline(__always)
  init(_ x: Matrix<Element>, width: Int, copiedTo strips: UnsafeMutablePointer<Element>) {
    for first in Swift.stride(from: 0, to: x.columns, by: width) {
      let strip = strips + first * x.rows
      let count = min(width, x.columns - first)
      for row in 0..<x.rows {
        let line = x.row(row) + first
        for column in 0..<count { strip[row * width + column] = line[column] }
      }
    }
    pointer = UnsafePointer(strips)
    rows = x.rows
    stride = width
    self.width = width
  }

  /// The first element of column k, of which each row has `elements`.
  @inlinable @inline(__always)
  func column(_ k: Int, elements: Int) -> UnsafePointer<Element> {
    let k = k * elements
    return k < width ? pointer + k : pointer + k / width * width * rows + k % width
  }
}

/// Operands of float32: a step is a row.
@usableFromInline
package struct Float32OuterOperands<Full: TileBlock>: OuterProductOperands
where Full.Dot.Element == Float {
  @usableFromInline package typealias Element = Float
  @usableFromInline typealias Vector = Full.Dot.Vector
  @usableFromInline let x: Matrix<Float>
  @usableFromInline let g: Matrix<Float>

  @inlinable @inline(__always)
  package init(_ tile: Full.Type, _ x: Matrix<Float>, _ g: Matrix<Float>) {
    self.x = x
    self.g = g
  }

  @inlinable @inline(__always)
  package var steps: Int { x.rows }

  @inlinable @inline(__always)
  package var columns: Int { x.columns }

  /// Copies x to strips of a tile's width if its rows are a multiple of 4 KB apart: all rows share few
  /// cache sets then, and a tile of few rows computes too little for each line it reads.
  @inlinable @inline(__always)
  package func source(
    _ range: Range<Int>, scratch: UnsafeMutablePointer<Float>
  ) -> OuterProductSource<Float> {
    let rows = x.rows(range)
    guard Full.rowCount < 12, x.stride % 1024 == 0 else { return OuterProductSource(rows) }
    return OuterProductSource(rows, width: Full.rowCount, copiedTo: scratch)
  }

  /// With the opposite sign if the tiles subtract products.
  @inlinable @inline(__always)
  package func pack(
    _ range: Range<Int>, firstColumn: Int, _ lanes: Range<Int>,
    into panel: UnsafeMutablePointer<Float>
  ) {
    let width = Vector.laneCount
    var target = panel
    for t in range {
      let line = g.row(t) + firstColumn
      if lanes.count == 2 * width {
        signed(Vector(loading: line)).store(to: target)
        signed(Vector(loading: line + width)).store(to: target + width)
      } else {
        for lane in 0..<2 * width {
          let value = lanes.contains(lane) ? line[lane] : 0
          target[lane] = Full.Dot.holdsNegativeSums ? -value : value
        }
      }
      target += 2 * width
    }
  }

  @inlinable @inline(__always)
  func signed(_ value: Vector) -> Vector {
    Full.Dot.holdsNegativeSums ? Vector(repeating: -0.0) - value : value
  }
}
