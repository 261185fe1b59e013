/// What a full tile has written to the output and ``Epilogue/complete(_:)`` has not seen yet. The next
/// one completes it between its own steps: a long function by itself waits for its own results, while
/// the processor would have room for them beside products.
@usableFromInline
package struct DeferredEpilogue<Base: Epilogue> {
  @usableFromInline let epilogue: Base
  /// The vectors of a tile, two in each row.
  @usableFromInline let total: Int
  /// Pairs of steps after which a tile completes one vector; 0 where tiles complete their own.
  @usableFromInline let pairsBetween: Int
  @usableFromInline var pointer: UnsafeMutablePointer<Float>
  /// From the next vector to the one after it: by turns to the right, and to the row below.
  @usableFromInline var step = Base.Vector.laneCount
  /// Vectors that are left.
  @usableFromInline var count = 0

  /// For tiles of so many rows and at least so many steps, which suffice for all of their vectors.
  @inlinable @inline(__always)
  init(_ epilogue: Base, steps: Int = 0, rows: Int = 1) {
    self.epilogue = epilogue
    total = 2 * rows
    pairsBetween = Base.isDeferred ? min(4, steps / 2 / total) : 0
    pointer = epilogue.output.pointer
  }

  @inlinable @inline(__always)
  var isUsed: Bool { Base.isDeferred && pairsBetween > 0 }

  @inlinable @inline(__always)
  var isEmpty: Bool { !Base.isDeferred || count == 0 }

  /// Takes over the results of a tile; those of the one before are complete.
  @inlinable @inline(__always)
  mutating func take(firstRow: Int, column: Int) {
    pointer = epilogue.output.row(firstRow) + column
    count = total
  }

  @inlinable @inline(__always)
  mutating func completeNext() {
    guard !isEmpty else { return }
    epilogue.complete(Base.Vector(loading: pointer)).store(to: pointer)
    count &-= 1
    pointer += step
    step = epilogue.output.stride &- step
  }

  /// Completes what is left.
  @inlinable @inline(__always)
  mutating func complete() {
    while !isEmpty { completeNext() }
  }
}
