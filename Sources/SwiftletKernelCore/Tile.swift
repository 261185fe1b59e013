// The register tile of the matrix product, built by composing structs: the optimiser keeps every
// accumulator of a struct in a register, which it does not for an array or a tuple in a loop.

/// A block of rows of C, two vectors wide, that lives in registers while the sum over k runs.
@usableFromInline
package protocol TileBlock: BitwiseCopyable, Sendable {
  associatedtype Math: Arithmetic
  static var rowCount: Int { get }
  init(_ scaling: Math.Scaling, column: Int)
  /// Sums that `save` left in C, from its element `c` on.
  init(resuming c: UnsafeMutablePointer<Float>, stride: Int)
  func save(to c: UnsafeMutablePointer<Float>, stride: Int)
  /// C[r, :] += A[r, k] * B[k, :] for the rows of the block and one step; `a` points at A[0, k].
  mutating func accumulate(
    _ a: UnsafePointer<Math.Element>, stride: Int, _ weights: TileWeights<Math>)
  /// The same for two steps, row by row: the address of a row is computed once for both.
  mutating func accumulate(
    _ a: UnsafePointer<Math.Element>, stride: Int, _ first: TileWeights<Math>,
    _ second: TileWeights<Math>)
  /// Hands each row, counted from `row`, to the epilogue.
  func finish<Ending: Epilogue>(
    _ ending: Ending, _ scaling: Math.Scaling, row: Int, column: Int, shift: Int
  ) where Ending.Vector == Math.Vector
}

/// A step of a panel, in registers.
@usableFromInline
package struct TileWeights<Math: Arithmetic>: BitwiseCopyable {
  @usableFromInline let left: Math.Weights
  @usableFromInline let right: Math.Weights

  @inlinable @inline(__always)
  init(_ pointer: UnsafeRawPointer) {
    left = Math.load(pointer)
    right = Math.load(pointer + Math.bytesPerStep)
  }
}

/// One row: `2 * laneCount` columns of C.
@usableFromInline
package struct TileRow<Math: Arithmetic>: TileBlock {
  @usableFromInline var left: Math.Sums
  @usableFromInline var right: Math.Sums

  @inlinable @inline(__always)
  package static var rowCount: Int { 1 }

  @inlinable @inline(__always)
  package init(_ scaling: Math.Scaling, column: Int) {
    left = Math.start(scaling, column: column)
    right = Math.start(scaling, column: column + Math.Vector.laneCount)
  }

  @inlinable @inline(__always)
  package init(resuming c: UnsafeMutablePointer<Float>, stride: Int) {
    left = Math.resume(c)
    right = Math.resume(c + Math.Vector.laneCount)
  }

  @inlinable @inline(__always)
  package func save(to c: UnsafeMutablePointer<Float>, stride: Int) {
    Math.save(left, to: c)
    Math.save(right, to: c + Math.Vector.laneCount)
  }

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Math.Element>, stride: Int, _ weights: TileWeights<Math>
  ) {
    Math.accumulate(&left, a, weights.left)
    Math.accumulate(&right, a, weights.right)
  }

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Math.Element>, stride: Int, _ first: TileWeights<Math>,
    _ second: TileWeights<Math>
  ) {
    accumulate(a, stride: stride, first)
    accumulate(a + Math.elementsPerStep, stride: stride, second)
  }

  @inlinable @inline(__always)
  package func finish<Ending: Epilogue>(
    _ ending: Ending, _ scaling: Math.Scaling, row: Int, column: Int, shift: Int
  ) where Ending.Vector == Math.Vector {
    let next = column + Math.Vector.laneCount
    ending.store(
      Math.finish(left, scaling, row: row, column: column), row: row, column: column - shift)
    ending.store(
      Math.finish(right, scaling, row: row, column: next), row: row, column: next - shift)
  }
}

/// Two blocks, one above the other.
@usableFromInline
package struct TileStack<Top: TileBlock, Bottom: TileBlock>: TileBlock
where Top.Math == Bottom.Math {
  @usableFromInline package typealias Math = Top.Math
  @usableFromInline var top: Top
  @usableFromInline var bottom: Bottom

  @inlinable @inline(__always)
  package static var rowCount: Int { Top.rowCount + Bottom.rowCount }

  @inlinable @inline(__always)
  package init(_ scaling: Math.Scaling, column: Int) {
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
    _ a: UnsafePointer<Math.Element>, stride: Int, _ weights: TileWeights<Math>
  ) {
    top.accumulate(a, stride: stride, weights)
    bottom.accumulate(below(a, stride), stride: stride, weights)
  }

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Math.Element>, stride: Int, _ first: TileWeights<Math>,
    _ second: TileWeights<Math>
  ) {
    top.accumulate(a, stride: stride, first, second)
    bottom.accumulate(below(a, stride), stride: stride, first, second)
  }

  /// The first row of the bottom block. Blocks of four rows have a pointer of their own; the rows
  /// in them are within the reach of one instruction.
  @inlinable @inline(__always)
  func below(
    _ a: UnsafePointer<Math.Element>, _ stride: Int
  ) -> UnsafePointer<Math.Element> {
    let pointer = a + Top.rowCount * stride
    return Top.rowCount < 4 ? pointer : Math.Vector.anonymous(pointer)
  }

  @inlinable @inline(__always)
  package func finish<Ending: Epilogue>(
    _ ending: Ending, _ scaling: Math.Scaling, row: Int, column: Int, shift: Int
  ) where Ending.Vector == Math.Vector {
    top.finish(ending, scaling, row: row, column: column, shift: shift)
    bottom.finish(ending, scaling, row: row + Top.rowCount, column: column, shift: shift)
  }
}

@usableFromInline
package typealias Tile1<M: Arithmetic> = TileRow<M>
@usableFromInline
package typealias Tile2<M: Arithmetic> = TileStack<Tile1<M>, Tile1<M>>
@usableFromInline
package typealias Tile4<M: Arithmetic> = TileStack<Tile2<M>, Tile2<M>>
@usableFromInline
package typealias Tile6<M: Arithmetic> = TileStack<Tile4<M>, Tile2<M>>
@usableFromInline
package typealias Tile8<M: Arithmetic> = TileStack<Tile4<M>, Tile4<M>>
@usableFromInline
package typealias Tile12<M: Arithmetic> = TileStack<Tile8<M>, Tile4<M>>
