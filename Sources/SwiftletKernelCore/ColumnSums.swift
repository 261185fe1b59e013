/// out[c] += Σₜ g[t, c]: the gradient of a bias.
@usableFromInline
package enum ColumnSums<Vector: KernelVector> {
  /// Every sum of the range is loaded, continued for t = 0, 1, 2 … and stored: its bits depend neither
  /// on the range of columns nor on how the rows are shared out over calls.
  @inlinable @inline(__always)
  package static func add(
    _ g: Matrix<Float>, columns: Range<Int>, to out: UnsafeMutablePointer<Float>
  ) {
    forEachBlock(columns) { column in
      var sums = FourVectors<Vector>(loading: out + column)
      for t in 0..<g.rows { sums = sums + FourVectors(loading: g.row(t) + column) }
      sums.store(to: out + column)
    } rest: { column, count in
      var sums = Vector(loadingUpTo: count, from: out + column)
      for t in 0..<g.rows { sums = sums + Vector(loadingUpTo: count, from: g.row(t) + column) }
      sums.store(to: out + column, upTo: count)
    }
  }

  /// Calls `block` for every four vectors of columns, then `rest` for one vector at a time and the
  /// number of columns from there on.
  @inlinable @inline(__always)
  static func forEachBlock(
    _ columns: Range<Int>, _ block: (_ column: Int) -> Void,
    rest: (_ column: Int, _ count: Int) -> Void
  ) {
    let width = 4 * Vector.laneCount
    var column = columns.lowerBound
    while column + width <= columns.upperBound {
      block(column)
      column += width
    }
    while column < columns.upperBound {
      rest(column, columns.upperBound - column)
      column += Vector.laneCount
    }
  }
}

/// Four vectors side by side: as many lines of a row are read together, and as many sums don't wait
/// for each other.
@usableFromInline
struct FourVectors<Vector: KernelVector>: BitwiseCopyable {
  @usableFromInline let a: Vector
  @usableFromInline let b: Vector
  @usableFromInline let c: Vector
  @usableFromInline let d: Vector

  @inlinable @inline(__always)
  init(_ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector) {
    self.a = a
    self.b = b
    self.c = c
    self.d = d
  }

  @inlinable @inline(__always)
  init(loading pointer: UnsafePointer<Float>) {
    a = Vector(loading: pointer)
    b = Vector(loading: pointer + Vector.laneCount)
    c = Vector(loading: pointer + 2 * Vector.laneCount)
    d = Vector(loading: pointer + 3 * Vector.laneCount)
  }

  @inlinable @inline(__always)
  func store(to pointer: UnsafeMutablePointer<Float>) {
    a.store(to: pointer)
    b.store(to: pointer + Vector.laneCount)
    c.store(to: pointer + 2 * Vector.laneCount)
    d.store(to: pointer + 3 * Vector.laneCount)
  }

  @inlinable @inline(__always)
  func map(_ transform: (Vector) -> Vector) -> Self {
    Self(transform(a), transform(b), transform(c), transform(d))
  }

  @inlinable @inline(__always)
  static func + (left: Self, right: Self) -> Self {
    Self(left.a + right.a, left.b + right.b, left.c + right.c, left.d + right.d)
  }

  @inlinable @inline(__always)
  func adding(_ left: Self, times right: Self) -> Self {
    Self(
      a.adding(left.a, times: right.a), b.adding(left.b, times: right.b),
      c.adding(left.c, times: right.c), d.adding(left.d, times: right.d))
  }
}
