/// The vector of one instruction set, with the operations that the kernels use.
///
/// Each instruction-set target has one conforming type, so that every operation below is resolved
/// statically to one instruction after specialisation. (The operators of the standard library's
/// generic `SIMD` are loops over lanes there, which the optimiser does not always turn back into
/// vectors.)
@usableFromInline
package protocol KernelVector: BitwiseCopyable, Sendable {
  static var laneCount: Int { get }

  init(repeating value: Float)
  /// Loads `laneCount` floats from any address.
  init(loading pointer: UnsafePointer<Float>)
  /// Loads `laneCount` signed bytes from any address, as floats.
  init(loadingBytes pointer: UnsafePointer<Int8>)
  func store(to pointer: UnsafeMutablePointer<Float>)

  static func + (left: Self, right: Self) -> Self
  static func - (left: Self, right: Self) -> Self
  static func * (left: Self, right: Self) -> Self
  static func / (left: Self, right: Self) -> Self
  /// self + left * right, fused where the instruction set has the instruction.
  func adding(_ left: Self, times right: Self) -> Self
  /// 1 / self, within two units in the last place where the CPU has a faster instruction than
  /// division.
  func reciprocal() -> Self
  func squareRoot() -> Self
  func minimum(_ other: Self) -> Self
  func maximum(_ other: Self) -> Self
  /// The absolute values.
  func magnitude() -> Self
  /// `first` where a lane is positive, `second` elsewhere.
  func ifPositive(_ first: Self, else second: Self) -> Self
  /// The larger of two non-negative lanes. NaN counts as larger than all numbers, as its bits do,
  /// so that it is never lost.
  func maximumOfMagnitudes(_ other: Self) -> Self

  /// Prefetches the cache line at an address, which may be invalid, into all cache levels.
  static func prefetch(_ pointer: UnsafeRawPointer)
  /// Prefetches a cache line into the L2 cache, for data that is not read soon: it evicts nothing
  /// from L1.
  static func prefetchL2(_ pointer: UnsafeRawPointer)
  /// Returns the same address, unknown to the optimiser. It would otherwise keep a pointer for
  /// every row of a tile, more than there are registers.
  static func laundered<Element>(_ pointer: UnsafePointer<Element>) -> UnsafePointer<Element>

  /// erf(self / √2) of non-negative lanes; absolute error below 2e-7.
  func erfOverSqrt2() -> Self

  /// self * 2^n, where `shifted` is n + 1.5 * 2^23, whose low bits are n; n in -126...127.
  func scaled(byPowerIn shifted: Self) -> Self

  /// The factors of a row's columns from `column` on: `dropout.scale` where an element is kept, and
  /// 0. The same bits on every instruction set.
  static func dropoutFactors(rowKey: UInt32, column: Int, _ dropout: Dropout) -> Self

  /// Bytes of a row for each activation of an int8 product.
  static var bytesPerActivation: Int { get }
  /// Stores the first `count` lanes, rounded to integers within -127...127, as the int8 products of
  /// the instruction set read them. With two bytes for each, it stores all lanes.
  ///
  /// Products that invert weights instead of negating them compute sums that lack the magnitude of
  /// every negative activation. For the correction, negative activations are added to `negatives`.
  func storeActivations(
    to pointer: UnsafeMutablePointer<UInt8>, count: Int, negatives: inout Self)

  /// The sum of the lanes, in a fixed order.
  func sum() -> Float
  /// The largest lane.
  func largest() -> Float
  /// The largest of non-negative lanes, compared as in `maximumOfMagnitudes`.
  func largestMagnitude() -> Float
}

extension KernelVector {
  @inlinable @inline(__always)
  package static var zero: Self { Self(repeating: 0) }

  /// Combines `count` floats, vector by vector, in four independent chains that begin with `start`
  /// and are joined at the end. `filler` completes the last vector.
  @inlinable @inline(__always)
  package static func folding(
    _ x: UnsafePointer<Float>, count: Int, from start: Self = .zero, filler: Float = 0,
    joining join: (Self, Self) -> Self, _ combine: (Self, Self) -> Self
  ) -> Self {
    var (first, second, third, fourth) = (start, start, start, start)
    let whole = count / laneCount * laneCount
    var index = 0
    while index + 4 * laneCount <= whole {
      let pointer = x + index
      first = combine(first, Self(loading: pointer))
      second = combine(second, Self(loading: pointer + laneCount))
      third = combine(third, Self(loading: pointer + 2 * laneCount))
      fourth = combine(fourth, Self(loading: pointer + 3 * laneCount))
      index += 4 * laneCount
    }
    while index < whole {
      first = combine(first, Self(loading: x + index))
      index += laneCount
    }
    if whole < count {
      second = combine(second, Self(loading: x + whole, count: count - whole, filler: filler))
    }
    return join(join(first, second), join(third, fourth))
  }

  /// Loads `count` < laneCount floats and fills the rest with `filler`.
  @inlinable @inline(__always)
  package init(loading pointer: UnsafePointer<Float>, count: Int, filler: Float) {
    self = withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.laneCount) { lanes in
      let base = lanes.baseAddress.unsafelyUnwrapped
      for lane in 0..<Self.laneCount { base[lane] = lane < count ? pointer[lane] : filler }
      return Self(loading: base)
    }
  }

  /// Stores the first `count` < laneCount floats.
  @inlinable @inline(__always)
  package func store(to pointer: UnsafeMutablePointer<Float>, count: Int) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.laneCount) { lanes in
      let base = lanes.baseAddress.unsafelyUnwrapped
      store(to: base)
      for lane in 0..<count { pointer[lane] = base[lane] }
    }
  }

  /// Calls `body` for each vector of `count` floats with its first index and the number of floats
  /// from there on, which is below `laneCount` at most for the last call.
  @inlinable @inline(__always)
  package static func forEach(_ count: Int, _ body: (_ index: Int, _ rest: Int) -> Void) {
    let whole = count / laneCount * laneCount
    for index in stride(from: 0, to: whole, by: laneCount) { body(index, laneCount) }
    if whole < count { body(whole, count - whole) }
  }

  /// Loads a vector, or fewer floats and zeros if `count` is below `laneCount`.
  @inlinable @inline(__always)
  package init(loadingUpTo count: Int, from pointer: UnsafePointer<Float>) {
    self =
      count >= Self.laneCount
      ? Self(loading: pointer) : Self(loading: pointer, count: count, filler: 0)
  }

  /// Stores a vector, or fewer floats if `count` is below `laneCount`.
  @inlinable @inline(__always)
  package func store(to pointer: UnsafeMutablePointer<Float>, upTo count: Int) {
    if count >= Self.laneCount { store(to: pointer) } else { store(to: pointer, count: count) }
  }
}
