// The register tile of the matrix product, built by composing structs: the optimiser keeps every
// accumulator of a struct in a register, but not those of an array or a tuple in a loop.

/// A block of rows of C, two vectors wide, that lives in registers while the sum over k runs.
@usableFromInline
package protocol TileBlock: BitwiseCopyable, Sendable {
  associatedtype Dot: DotProduct
  static var rowCount: Int { get }
  init(_ scaling: Dot.Scaling, column: Int)
  /// Loads sums that `save` stored in C, from its element `c` on.
  init(resuming c: UnsafeMutablePointer<Float>, stride: Int)
  func save(to c: UnsafeMutablePointer<Float>, stride: Int)
  /// C[r, :] += A[r, k] * B[k, :] for the rows of the block and one step; `a` points at A[0, k].
  mutating func accumulate(
    _ a: UnsafePointer<Dot.Element>, stride: Int, _ weights: TileWeights<Dot>)
  /// C[r, :] += A[r, k] * B[k, :] for two steps, row by row: the address of a row is computed once
  /// for both.
  mutating func accumulate(
    _ a: UnsafePointer<Dot.Element>, stride: Int, _ first: TileWeights<Dot>,
    _ second: TileWeights<Dot>)
  /// Stores each row through the epilogue, from `row` on, `shift` columns to the left.
  func apply<E: Epilogue>(
    _ epilogue: E, _ scaling: Dot.Scaling, row: Int, column: Int, shift: Int
  ) where E.Vector == Dot.Vector
}

/// A step of a panel, in registers.
@usableFromInline
package struct TileWeights<Dot: DotProduct>: BitwiseCopyable {
  @usableFromInline let left: Dot.Weights
  @usableFromInline let right: Dot.Weights

  @inlinable @inline(__always)
  init(_ pointer: UnsafeRawPointer) {
    left = Dot.load(pointer)
    right = Dot.load(pointer + Dot.bytesPerStep)
  }
}

/// One row: `2 * laneCount` columns of C.
@usableFromInline
package struct TileRow<Dot: DotProduct>: TileBlock {
  @usableFromInline var left: Dot.Sums
  @usableFromInline var right: Dot.Sums

  @inlinable @inline(__always)
  package static var rowCount: Int { 1 }

  @inlinable @inline(__always)
  package init(_ scaling: Dot.Scaling, column: Int) {
    left = Dot.start(scaling, column: column)
    right = Dot.start(scaling, column: column + Dot.Vector.laneCount)
  }

  @inlinable @inline(__always)
  package init(resuming c: UnsafeMutablePointer<Float>, stride: Int) {
    left = Dot.resume(c)
    right = Dot.resume(c + Dot.Vector.laneCount)
  }

  @inlinable @inline(__always)
  package func save(to c: UnsafeMutablePointer<Float>, stride: Int) {
    Dot.save(left, to: c)
    Dot.save(right, to: c + Dot.Vector.laneCount)
  }

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Dot.Element>, stride: Int, _ weights: TileWeights<Dot>
  ) {
    Dot.accumulate(&left, a, weights.left)
    Dot.accumulate(&right, a, weights.right)
  }

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Dot.Element>, stride: Int, _ first: TileWeights<Dot>,
    _ second: TileWeights<Dot>
  ) {
    accumulate(a, stride: stride, first)
    accumulate(a + Dot.elementsPerStep, stride: stride, second)
  }

  @inlinable @inline(__always)
  package func apply<E: Epilogue>(
    _ epilogue: E, _ scaling: Dot.Scaling, row: Int, column: Int, shift: Int
  ) where E.Vector == Dot.Vector {
    let next = column + Dot.Vector.laneCount
    epilogue.store(
      Dot.scaled(left, scaling, row: row, column: column), row: row, column: column - shift)
    epilogue.store(
      Dot.scaled(right, scaling, row: row, column: next), row: row, column: next - shift)
  }
}

/// Two blocks, one above the other.
@usableFromInline
package struct TileStack<Top: TileBlock, Bottom: TileBlock>: TileBlock
where Top.Dot == Bottom.Dot {
  @usableFromInline package typealias Dot = Top.Dot
  @usableFromInline var top: Top
  @usableFromInline var bottom: Bottom

  @inlinable @inline(__always)
  package static var rowCount: Int { Top.rowCount + Bottom.rowCount }

  @inlinable @inline(__always)
  package init(_ scaling: Dot.Scaling, column: Int) {
    top = Top(scaling, column: column)
    bottom = Bottom(scaling, column: column)
  }

  @inlinable @inline(__always)
  package init(resuming c: UnsafeMutablePointer<Float>, stride: Int) {
    top = Top(resuming: c, stride: stride)
    bottom = Bottom(resuming: c + Top.rowCount * stride, stride: stride)
  }

  @inlinable @inline(__always)
  package func save(to c: UnsafeMutablePointer<Float>, stride: Int) {
    top.save(to: c, stride: stride)
    bottom.save(to: c + Top.rowCount * stride, stride: stride)
  }

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Dot.Element>, stride: Int, _ weights: TileWeights<Dot>
  ) {
    top.accumulate(a, stride: stride, weights)
    bottom.accumulate(below(a, stride), stride: stride, weights)
  }

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Dot.Element>, stride: Int, _ first: TileWeights<Dot>,
    _ second: TileWeights<Dot>
  ) {
    top.accumulate(a, stride: stride, first, second)
    bottom.accumulate(below(a, stride), stride: stride, first, second)
  }

  /// The first row of the bottom block. Each block of four rows has its own pointer; its rows are
  /// within reach of one addressing mode.
  @inlinable @inline(__always)
  func below(
    _ a: UnsafePointer<Dot.Element>, _ stride: Int
  ) -> UnsafePointer<Dot.Element> {
    let pointer = a + Top.rowCount * stride
    return Top.rowCount < 4 ? pointer : Dot.Vector.laundered(pointer)
  }

  @inlinable @inline(__always)
  package func apply<E: Epilogue>(
    _ epilogue: E, _ scaling: Dot.Scaling, row: Int, column: Int, shift: Int
  ) where E.Vector == Dot.Vector {
    top.apply(epilogue, scaling, row: row, column: column, shift: shift)
    bottom.apply(epilogue, scaling, row: row + Top.rowCount, column: column, shift: shift)
  }
}

@usableFromInline
package typealias Tile1<M: DotProduct> = TileRow<M>
@usableFromInline
package typealias Tile2<M: DotProduct> = TileStack<Tile1<M>, Tile1<M>>
@usableFromInline
package typealias Tile4<M: DotProduct> = TileStack<Tile2<M>, Tile2<M>>
@usableFromInline
package typealias Tile6<M: DotProduct> = TileStack<Tile4<M>, Tile2<M>>
@usableFromInline
package typealias Tile8<M: DotProduct> = TileStack<Tile4<M>, Tile4<M>>
@usableFromInline
package typealias Tile12<M: DotProduct> = TileStack<Tile8<M>, Tile4<M>>
