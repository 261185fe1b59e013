// The register tile of the matrix product, built by composing structs: the optimiser keeps every
// accumulator of a struct in a register, which it does not for an array or a tuple in a loop.

/// A block of rows of C, two vectors wide, that lives in registers while the sum over k runs.
@usableFromInline
package protocol TileBlock: BitwiseCopyable, Sendable {
  associatedtype Vector: KernelVector
  static var rowCount: Int { get }
  init()
  /// C[r, :] += A[r, k] * B[k, :] for the rows of the block; `a` points at A[0, k].
  mutating func accumulate(
    _ a: UnsafePointer<Float>, stride: Int, _ left: Vector, _ right: Vector)
  /// Hands each row, counted from `row`, to the epilogue.
  func finish<Ending: Epilogue>(_ ending: Ending, row: Int, column: Int)
  where Ending.Vector == Vector
}

/// One row: `2 * laneCount` columns of C.
@usableFromInline
package struct TileRow<Vector: KernelVector>: TileBlock {
  @usableFromInline var left = Vector.zero
  @usableFromInline var right = Vector.zero

  @inlinable @inline(__always)
  package static var rowCount: Int { 1 }

  @inlinable @inline(__always)
  package init() {}

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Float>, stride: Int, _ left: Vector, _ right: Vector
  ) {
    let value = Vector(repeating: a.pointee)
    self.left = self.left.adding(value, times: left)
    self.right = self.right.adding(value, times: right)
  }

  @inlinable @inline(__always)
  package func finish<Ending: Epilogue>(_ ending: Ending, row: Int, column: Int)
  where Ending.Vector == Vector {
    ending.store(left, row: row, column: column)
    ending.store(right, row: row, column: column + Vector.laneCount)
  }
}

/// Two blocks, one above the other.
@usableFromInline
package struct TileStack<Top: TileBlock, Bottom: TileBlock>: TileBlock
where Top.Vector == Bottom.Vector {
  @usableFromInline package typealias Vector = Top.Vector
  @usableFromInline var top = Top()
  @usableFromInline var bottom = Bottom()

  @inlinable @inline(__always)
  package static var rowCount: Int { Top.rowCount + Bottom.rowCount }

  @inlinable @inline(__always)
  package init() {}

  @inlinable @inline(__always)
  package mutating func accumulate(
    _ a: UnsafePointer<Float>, stride: Int, _ left: Vector, _ right: Vector
  ) {
    top.accumulate(a, stride: stride, left, right)
    bottom.accumulate(a + Top.rowCount * stride, stride: stride, left, right)
  }

  @inlinable @inline(__always)
  package func finish<Ending: Epilogue>(_ ending: Ending, row: Int, column: Int)
  where Ending.Vector == Vector {
    top.finish(ending, row: row, column: column)
    bottom.finish(ending, row: row + Top.rowCount, column: column)
  }
}

@usableFromInline
package typealias Tile1<V: KernelVector> = TileRow<V>
@usableFromInline
package typealias Tile2<V: KernelVector> = TileStack<Tile1<V>, Tile1<V>>
@usableFromInline
package typealias Tile4<V: KernelVector> = TileStack<Tile2<V>, Tile2<V>>
@usableFromInline
package typealias Tile6<V: KernelVector> = TileStack<Tile4<V>, Tile2<V>>
@usableFromInline
package typealias Tile8<V: KernelVector> = TileStack<Tile4<V>, Tile4<V>>
@usableFromInline
package typealias Tile12<V: KernelVector> = TileStack<Tile8<V>, Tile4<V>>
