#if arch(x86_64)
import _Builtin_intrinsics.intel
#endif
#if LIMIT_BFLOAT16
import CLimitBFloat16
#endif

// How many products and sums of a matrix product one core can do: multiply-and-add chains on as many
// registers as hide the latency, with nothing loaded but one small, cached operand. This one file is
// the source of all targets; the others link to it and define which they are. It is a single file with
// private types, so that no symbol of one instruction set can stand in for another's.

#if LIMIT_AVX512
private typealias Lanes = SIMD16<Float>
private typealias Words = SIMD16<Int32>
private typealias FloatSums = Pair<Pair<Pair<Pair<FloatSum>>>>
private typealias IntegerSums = Pair<Pair<Pair<Pair<IntegerSum>>>>
#if LIMIT_BFLOAT16
private typealias BFloat16Sums = Pair<Pair<Pair<Pair<BFloat16Sum>>>>
#endif
#elseif LIMIT_AVX2
private typealias Lanes = SIMD8<Float>
private typealias Words = SIMD8<Int32>
private typealias FloatSums = Pair<Pair<Triple<FloatSum>>>
private typealias IntegerSums = Pair<Triple<IntegerSum>>
#else
private typealias Lanes = SIMD4<Float>
private typealias Words = SIMD4<Int32>
private typealias FloatSums = Pair<Triple<FloatSum>>
private typealias IntegerSums = Pair<Triple<IntegerSum>>
#endif

/// Sums in registers, each of which takes one step per round.
private protocol Sums {
  associatedtype Operand
  static var count: Int { get }
  init(seed: Int32)
  mutating func step(_ x: Operand)
  var total: Double { get }
}

private struct Pair<Part: Sums>: Sums {
  var first, second: Part

  @inline(__always)
  static var count: Int { 2 * Part.count }

  @inline(__always)
  init(seed: Int32) {
    first = Part(seed: seed)
    second = Part(seed: seed &+ Int32(Part.count))
  }

  @inline(__always)
  mutating func step(_ x: Part.Operand) {
    first.step(x)
    second.step(x)
  }

  var total: Double { first.total + second.total }
}

private struct Triple<Part: Sums>: Sums {
  var first, second, third: Part

  @inline(__always)
  static var count: Int { 3 * Part.count }

  @inline(__always)
  init(seed: Int32) {
    first = Part(seed: seed)
    second = Part(seed: seed &+ Int32(Part.count))
    third = Part(seed: seed &+ Int32(2 * Part.count))
  }

  @inline(__always)
  mutating func step(_ x: Part.Operand) {
    first.step(x)
    second.step(x)
    third.step(x)
  }

  var total: Double { first.total + second.total + third.total }
}

private struct FloatSum: Sums {
  #if LIMIT_AVX512 || LIMIT_AVX2
  var sum: Lanes

  @inline(__always)
  init(seed: Int32) { sum = Lanes(repeating: Float(seed)) }

  @inline(__always)
  mutating func step(_ x: Lanes) { sum = sum.addingProduct(x, x) }
  #else
  // Without fused multiply-add, equal products would be computed once for all the sums.
  var sum, factor: Lanes

  @inline(__always)
  init(seed: Int32) {
    sum = Lanes(repeating: Float(seed))
    factor = sum + 1
  }

  @inline(__always)
  mutating func step(_ x: Lanes) { sum += x * factor }
  #endif

  static var count: Int { 1 }
  var total: Double { Double(sum.sum()) }
}

/// Sums of products of unsigned with signed bytes, by the fewest instructions that the set has.
private struct IntegerSum: Sums {
  var sum, factor: Words

  @inline(__always)
  init(seed: Int32) {
    sum = Words(repeating: seed)
    factor = Words(repeating: seed &* 0x0101_0101)
  }

  @inline(__always)
  mutating func step(_ x: Words) {
    #if LIMIT_AVX512
    sum = unsafeBitCast(
      _mm512_dpbusd_epi32(
        unsafeBitCast(sum, to: __m512i.self), unsafeBitCast(x, to: __m512i.self),
        unsafeBitCast(x, to: __m512i.self)), to: Words.self)
    #elseif LIMIT_AVX2
    let pairs = _mm256_maddubs_epi16(
      unsafeBitCast(x, to: __m256i.self), unsafeBitCast(factor, to: __m256i.self))
    let products = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
    sum &+= unsafeBitCast(products, to: Words.self)
    #elseif arch(x86_64)
    // SSE2 has no products of bytes: pairs of 16-bit words.
    let products = _mm_madd_epi16(
      unsafeBitCast(x, to: __m128i.self), unsafeBitCast(factor, to: __m128i.self))
    sum &+= unsafeBitCast(products, to: Words.self)
    #else
    sum &+= x &* factor
    #endif
  }

  /// Multiplications in one step.
  static var productCount: Int {
    #if LIMIT_AVX512 || LIMIT_AVX2
    4 * Words.scalarCount
    #elseif arch(x86_64)
    2 * Words.scalarCount
    #else
    Words.scalarCount
    #endif
  }

  static var count: Int { 1 }
  var total: Double { (0..<Words.scalarCount).reduce(0) { $0 + Double(sum[$1]) } }
}

#if LIMIT_BFLOAT16
/// Sums of float32 of products of bfloat16, two in each step of a lane.
private struct BFloat16Sum: Sums {
  var sum: Lanes

  @inline(__always)
  init(seed: Int32) { sum = Lanes(repeating: Float(seed)) }

  @inline(__always)
  mutating func step(_ x: Words) {
    let pairs = unsafeBitCast(x, to: __m512i.self)
    sum = limit_add_products(sum, pairs, pairs)
  }

  static var count: Int { 1 }
  var total: Double { Double(sum.sum()) }
}
#endif

/// Operands that the optimiser can't see through: with known ones, products would be moved out of the
/// loop.
@inline(__always)
private func run<S: Sums>(_: S.Type, rounds: Int, _ operands: UnsafePointer<S.Operand>) -> Double {
  var sums = S(seed: 1)
  for round in 0..<rounds { sums.step(operands[round & 7]) }
  return sums.total
}

/// Multiply-and-adds of float32: how many operations that were, a product and a sum counting two, and
/// a total that makes them needed.
@inline(never)
package func floatOperations(rounds: Int, seed: Int32) -> (count: Int, total: Double) {
  let operands = UnsafeMutablePointer<Lanes>.allocate(capacity: 8)
  defer { operands.deallocate() }
  for index in 0..<8 { operands[index] = Lanes(repeating: 1 / Float(seed &+ Int32(index))) }
  let total = run(FloatSums.self, rounds: rounds, operands)
  return (rounds * FloatSums.count * Lanes.scalarCount * 2, total)
}

/// The same with 8-bit integers into 32-bit sums.
@inline(never)
package func integerOperations(rounds: Int, seed: Int32) -> (count: Int, total: Double) {
  let operands = UnsafeMutablePointer<Words>.allocate(capacity: 8)
  defer { operands.deallocate() }
  for index in 0..<8 { operands[index] = Words(repeating: seed &+ Int32(index)) }
  let total = run(IntegerSums.self, rounds: rounds, operands)
  return (rounds * IntegerSums.count * IntegerSum.productCount * 2, total)
}

#if LIMIT_BFLOAT16
/// The same with products of bfloat16 into sums of float32.
@inline(never)
package func bfloat16Operations(rounds: Int, seed: Int32) -> (count: Int, total: Double) {
  let operands = UnsafeMutablePointer<Words>.allocate(capacity: 8)
  defer { operands.deallocate() }
  for index in 0..<8 {
    // The upper half of a float is the bfloat16 that it is cut to.
    let half = Int32(bitPattern: (1 / Float(seed &+ Int32(index))).bitPattern >> 16)
    operands[index] = Words(repeating: half << 16 | half)
  }
  let total = run(BFloat16Sums.self, rounds: rounds, operands)
  return (rounds * BFloat16Sums.count * 2 * Lanes.scalarCount * 2, total)
}
#endif
