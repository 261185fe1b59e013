/// The stored results of a full tile that still need ``Epilogue/complete(_:)``. The next tile
/// completes them between its own steps: a long function alone waits for its own results, and
/// interleaved with products it uses idle units.
@usableFromInline
package struct DeferredEpilogue<Base: Epilogue> {
  @usableFromInline let epilogue: Base
  /// The vectors of a tile, two in each row.
  @usableFromInline let total: Int
  /// Pairs of steps after which a tile completes one vector; 0 if tiles complete their own results.
  @usableFromInline let pairsBetween: Int
  @usableFromInline var pointer: UnsafeMutablePointer<Float>
  /// The distance from the next vector to the one after it: alternating, to the right and to the
  /// next row.
  @usableFromInline var step = Base.Vector.laneCount
  /// Vectors that remain.
  @usableFromInline var count = 0

  /// For tiles of `rows` rows and at least `steps` steps.
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

  /// Takes the results of a tile. Those of the previous tile must be complete.
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

  /// Completes the remaining vectors.
  @inlinable @inline(__always)
  mutating func complete() {
    while !isEmpty { completeNext() }
  }
}
