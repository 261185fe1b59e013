/// The vector of one instruction set, with just the operations that the kernels are written in.
///
/// Each thin target conforms one concrete type, so that every operation below is resolved statically
/// to one instruction after specialisation. (The operators of the standard library's generic `SIMD`
/// are loops over lanes there, which the optimiser does not always turn back into vectors.)
@usableFromInline
package protocol KernelVector: BitwiseCopyable, Sendable {
  static var laneCount: Int { get }

  init(repeating value: Float)
  /// Loads `laneCount` floats from any address.
  init(loading pointer: UnsafePointer<Float>)
  func store(to pointer: UnsafeMutablePointer<Float>)

  static func + (left: Self, right: Self) -> Self
  static func - (left: Self, right: Self) -> Self
  static func * (left: Self, right: Self) -> Self
  static func / (left: Self, right: Self) -> Self
  /// self + left * right, fused where the instruction set has the instruction.
  func adding(_ left: Self, times right: Self) -> Self
  /// 1 / self, a unit or two in the last place off at most where the CPU has something quicker than
  /// a division.
  func reciprocal() -> Self
  func minimum(_ other: Self) -> Self
  func maximum(_ other: Self) -> Self
  /// The absolute values.
  func magnitude() -> Self
  /// The larger of two lanes that are not negative. What is not a number counts as larger than all
  /// numbers, as its bits do, and so is never lost.
  func maximumOfMagnitudes(_ other: Self) -> Self

  /// Asks for the cache line at an address, which may be any.
  static func prefetch(_ pointer: UnsafeRawPointer)
  /// The same for what is not read so soon: it stays in the second-level cache, and drives nothing out
  /// of the first.
  static func prefetchL2(_ pointer: UnsafeRawPointer)
  /// The same address, but the optimiser does not know that. It would otherwise keep a pointer for
  /// every row of a tile, which are more than there are registers.
  static func laundered<Element>(_ pointer: UnsafePointer<Element>) -> UnsafePointer<Element>

  /// erf(self / √2) of lanes that are not negative; absolute error below 2e-7.
  func erfOverSqrt2() -> Self

  /// self * 2^n, where `shifted` is n + 1.5 * 2^23, whose low bits are n; n in -126...127.
  func scaled(byPowerIn shifted: Self) -> Self

  /// Bytes of a row for each activation of an int8 product.
  static var bytesPerActivation: Int { get }
  /// Writes the first `count` lanes, rounded to whole numbers, as the int8 products of the instruction
  /// set read them; the lanes are within -127...127. With two bytes for each, all lanes are written.
  ///
  /// Where the products take inverted weights for negated ones, each of their sums lacks the absolute
  /// value of every negative activation: the activations themselves are added to `negatives`.
  func storeActivations(
    to pointer: UnsafeMutablePointer<UInt8>, count: Int, negatives: inout Self)

  /// The lanes added (or compared) in one fixed order.
  func sum() -> Float
  func largest() -> Float
  /// The same of lanes that are not negative, as `maximumOfMagnitudes` compares them.
  func largestMagnitude() -> Float
}

extension KernelVector {
  @inlinable @inline(__always)
  package static var zero: Self { Self(repeating: 0) }

  /// Combines `count` floats, vector by vector, in four chains that begin with `start`: none of
  /// them waits for another, and at last they are joined. `filler` stands for what a last vector
  /// lacks.
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
}
