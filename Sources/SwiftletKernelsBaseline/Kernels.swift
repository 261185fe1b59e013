import Builtin
import SwiftletKernelCore

#if arch(x86_64)
import _Builtin_intrinsics.intel
#endif

#if SWIFTLET_BFLOAT16
import CBFloat16
#endif

// The kernels of one instruction set. This one file is the source of every instruction-set target:
// the others link to it and define which they are. The target with bfloat16 has nothing but its kernels
// of bfloat16; the others of its instruction set are those of AVX-512.
//
// It is a single file in which only the table is visible outside, and every generic kernel is
// inlined into the functions below. So there is no weak symbol, of which the linker would keep one
// target's copy for all and run AVX-512 code on a CPU without it. `scripts/test symbols` checks
// that.

#if SWIFTLET_AVX512
private typealias Lanes = SIMD16<Float>
private typealias LaneBits = SIMD16<Int32>
private typealias LaneKeys = SIMD16<UInt32>
private typealias LaneBytes = SIMD16<UInt8>
private let hasRegistersForPairs = true
// Tiles of 12 rows: 24 of the 32 registers hold sums.
#if SWIFTLET_BFLOAT16
// The features below and BF16: Cooper Lake, Sapphire Rapids, Zen 4 and later.
private typealias FullBFloat16Tile = Tile12<BFloat16Dot>
#else
// AVX-512 F, BW, CD, DQ, VL and VNNI: Cascade Lake, Ice Lake, Zen 4 and later.
private let instructionSetName = "avx512"
private typealias FullFloat32Tile = Tile12<Float32Dot>
private typealias FullFloat16Tile = Tile12<Float16Dot>
private typealias FullInt8Tile = Tile12<Int8Dot>
private typealias FullInt16Tile = Tile12<Int16Dot>
#endif
#elseif SWIFTLET_AVX2
// AVX2 and FMA: Haswell, Zen and later.
private let instructionSetName = "avx2"
private typealias Lanes = SIMD8<Float>
private typealias LaneBits = SIMD8<Int32>
private typealias LaneKeys = SIMD8<UInt32>
/// 12 of the 16 registers hold sums.
private typealias FullFloat32Tile = Tile6<Float32Dot>
private typealias FullFloat16Tile = Tile6<Float16Dot>
private let hasRegistersForPairs = false
/// Besides 8 sums, the registers hold weights, a row's bytes in two forms, ones and products.
private typealias FullInt8Tile = Tile4<Int8Dot>
#else
// Any 64-bit CPU: SSE2 on x86-64, NEON on arm64.
private let instructionSetName = "baseline"
private typealias Lanes = SIMD4<Float>
private typealias LaneBits = SIMD4<Int32>
private typealias LaneKeys = SIMD4<UInt32>
private typealias LaneBytes = SIMD4<UInt8>
/// 12 of the 16 registers of x86-64 hold sums.
private typealias FullFloat32Tile = Tile6<Float32Dot>
private let hasRegistersForPairs = false
/// Two registers of weights for each vector leave room for 8 sums.
private typealias FullInt8Tile = Tile4<Int8Dot>
#endif

// The CPU's instructions by name, where Swift has them: the standard library's operators are loops
// over lanes, which the optimiser splits into halves and quarters of vectors in longer functions,
// and its conversions are functions that would remain as weak symbols. `smaller` and `larger`
// return the second operand if either is NaN.
#if SWIFTLET_AVX512
private enum Instructions {
  @inline(__always)
  static func add(_ a: Lanes, _ b: Lanes) -> Lanes { _mm512_add_ps(a, b) }

  @inline(__always)
  static func subtract(_ a: Lanes, _ b: Lanes) -> Lanes { _mm512_sub_ps(a, b) }

  @inline(__always)
  static func multiply(_ a: Lanes, _ b: Lanes) -> Lanes { _mm512_mul_ps(a, b) }

  @inline(__always)
  static func squareRoot(_ a: Lanes) -> Lanes { _mm512_sqrt_ps(a) }

  @inline(__always)
  static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { _mm512_min_ps(a, b) }

  @inline(__always)
  static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { _mm512_max_ps(a, b) }

  @inline(__always)
  static func floats(_ bits: LaneBits) -> Lanes {
    _mm512_cvtepi32_ps(unsafeBitCast(bits, to: __m512i.self))
  }

  @inline(__always)
  static func floats(_ bytes: UnsafeRawPointer) -> Lanes {
    _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes.loadUnaligned(as: __m128i.self)))
  }
}
#elseif SWIFTLET_AVX2
private enum Instructions {
  @inline(__always)
  static func add(_ a: Lanes, _ b: Lanes) -> Lanes { _mm256_add_ps(a, b) }

  @inline(__always)
  static func subtract(_ a: Lanes, _ b: Lanes) -> Lanes { _mm256_sub_ps(a, b) }

  @inline(__always)
  static func multiply(_ a: Lanes, _ b: Lanes) -> Lanes { _mm256_mul_ps(a, b) }

  @inline(__always)
  static func squareRoot(_ a: Lanes) -> Lanes { _mm256_sqrt_ps(a) }

  @inline(__always)
  static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { _mm256_min_ps(a, b) }

  @inline(__always)
  static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { _mm256_max_ps(a, b) }

  @inline(__always)
  static func floats(_ bits: LaneBits) -> Lanes {
    _mm256_cvtepi32_ps(unsafeBitCast(bits, to: __m256i.self))
  }

  @inline(__always)
  static func floats(_ bytes: UnsafeRawPointer) -> Lanes {
    let eight = SIMD2<Int64>(bytes.loadUnaligned(as: Int64.self), 0)
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight))
  }
}
#elseif arch(x86_64)
private enum Instructions {
  @inline(__always)
  static func add(_ a: Lanes, _ b: Lanes) -> Lanes { _mm_add_ps(a, b) }

  @inline(__always)
  static func subtract(_ a: Lanes, _ b: Lanes) -> Lanes { _mm_sub_ps(a, b) }

  @inline(__always)
  static func multiply(_ a: Lanes, _ b: Lanes) -> Lanes { _mm_mul_ps(a, b) }

  @inline(__always)
  static func squareRoot(_ a: Lanes) -> Lanes { _mm_sqrt_ps(a) }

  @inline(__always)
  static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { _mm_min_ps(a, b) }

  @inline(__always)
  static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { _mm_max_ps(a, b) }

  @inline(__always)
  static func floats(_ bits: LaneBits) -> Lanes {
    _mm_cvtepi32_ps(unsafeBitCast(bits, to: __m128i.self))
  }

  /// Each byte becomes the highest of its lane, and an arithmetic shift extends its sign.
  @inline(__always)
  static func floats(_ bytes: UnsafeRawPointer) -> Lanes {
    let four = unsafeBitCast(
      SIMD4<Int32>(bytes.loadUnaligned(as: Int32.self), 0, 0, 0), to: __m128i.self)
    let pairs = _mm_unpacklo_epi8(four, four)
    return _mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(pairs, pairs), 24))
  }
}
#else
private enum Instructions {
  @inline(__always)
  static func add(_ a: Lanes, _ b: Lanes) -> Lanes { a + b }

  @inline(__always)
  static func subtract(_ a: Lanes, _ b: Lanes) -> Lanes { a - b }

  @inline(__always)
  static func multiply(_ a: Lanes, _ b: Lanes) -> Lanes { a * b }

  @inline(__always)
  static func squareRoot(_ a: Lanes) -> Lanes { a.squareRoot() }

  @inline(__always)
  static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { b.replacing(with: a, where: a .< b) }

  @inline(__always)
  static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { b.replacing(with: a, where: b .< a) }

  @inline(__always)
  static func floats(_ bits: LaneBits) -> Lanes { Lanes(bits) }

  @inline(__always)
  static func floats(_ bytes: UnsafeRawPointer) -> Lanes {
    Lanes(LaneBits(truncatingIfNeeded: bytes.loadUnaligned(as: SIMD4<Int8>.self)))
  }
}
#endif

#if SWIFTLET_BFLOAT16
private typealias TargetVector = BFloat16Vector
#else
private typealias TargetVector = KernelVector
#endif

/// One register of floats.
private struct Vector: TargetVector {
  var lanes: Lanes

  @inline(__always)
  init(_ lanes: Lanes) { self.lanes = lanes }

  @inline(__always)
  static var laneCount: Int { Lanes.scalarCount }

  @inline(__always)
  init(repeating value: Float) { lanes = Lanes(repeating: value) }

  @inline(__always)
  init(loading pointer: UnsafePointer<Float>) {
    lanes = UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  init(loadingBytes pointer: UnsafePointer<Int8>) {
    lanes = Instructions.floats(UnsafeRawPointer(pointer))
  }

  @inline(__always)
  func store(to pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
  }

  @inline(__always)
  static func + (left: Self, right: Self) -> Self {
    Self(Instructions.add(left.lanes, right.lanes))
  }

  @inline(__always)
  static func - (left: Self, right: Self) -> Self {
    Self(Instructions.subtract(left.lanes, right.lanes))
  }

  @inline(__always)
  static func * (left: Self, right: Self) -> Self {
    Self(Instructions.multiply(left.lanes, right.lanes))
  }

  @inline(__always)
  static func / (left: Self, right: Self) -> Self { Self(left.lanes / right.lanes) }

  @inline(__always)
  func adding(_ left: Self, times right: Self) -> Self {
    #if SWIFTLET_AVX512
    Self(_mm512_fmadd_ps(left.lanes, right.lanes, lanes))
    #elseif SWIFTLET_AVX2
    Self(_mm256_fmadd_ps(left.lanes, right.lanes, lanes))
    #else
    // Without an instruction for it, `addingProduct` would call the C library for every lane.
    self + left * right
    #endif
  }

  @inline(__always)
  func reciprocal() -> Self {
    #if SWIFTLET_AVX512
    // 14 bits, and twice as many after one Newton step.
    let first = Self(_mm512_rcp14_ps(lanes))
    let error = Self(repeating: 1) - self * first
    return first.adding(first, times: error)
    #else
    Self(repeating: 1) / self
    #endif
  }

  @inline(__always)
  func squareRoot() -> Self { Self(Instructions.squareRoot(lanes)) }

  #if SWIFTLET_AVX512
  /// From tables in registers: absolute error below 1e-7, in half the time.
  @inline(__always)
  func erfOverSqrt2() -> Self {
    typealias Table = ErrorFunctionTable
    let x = minimum(Self(repeating: 31.49 * Table.width))
    // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
    let magic = Self(repeating: 12_582_912)
    let index = magic.adding(x, times: Self(repeating: 1 / Table.width))
    let t = x.adding(index - magic, times: Self(repeating: -Table.width))
    var p = Self.pick(index, Table.fourth)
    p = Self.pick(index, Table.cube).adding(p, times: t)
    p = Self.pick(index, Table.square).adding(p, times: t)
    p = Self.pick(index, Table.linear).adding(p, times: t)
    return Self.pick(index, Table.constant).adding(p, times: t)
  }

  /// Picks one of 32 numbers by the low bits of each lane of `index`.
  @inline(__always)
  private static func pick(_ index: Self, _ table: ErrorFunctionTable.Pair) -> Self {
    Self(
      _mm512_permutex2var_ps(
        table.low, unsafeBitCast(index.lanes, to: __m512i.self), table.high))
  }
  #endif

  @inline(__always)
  func minimum(_ other: Self) -> Self { Self(Instructions.smaller(other.lanes, lanes)) }

  @inline(__always)
  func maximum(_ other: Self) -> Self { Self(Instructions.larger(other.lanes, lanes)) }

  @inline(__always)
  func magnitude() -> Self {
    let allButSign = LaneBits(repeating: .max)
    return Self(unsafeBitCast(unsafeBitCast(lanes, to: LaneBits.self) & allButSign, to: Lanes.self))
  }

  @inline(__always)
  func ifPositive(_ first: Self, else second: Self) -> Self {
    Self(second.lanes.replacing(with: first.lanes, where: lanes .> 0))
  }

  @inline(__always)
  func maximumOfMagnitudes(_ other: Self) -> Self {
    #if SWIFTLET_AVX512
    let larger = _mm512_max_epi32(
      unsafeBitCast(lanes, to: __m512i.self), unsafeBitCast(other.lanes, to: __m512i.self))
    #elseif SWIFTLET_AVX2
    let larger = _mm256_max_epi32(
      unsafeBitCast(lanes, to: __m256i.self), unsafeBitCast(other.lanes, to: __m256i.self))
    #else
    let left = unsafeBitCast(lanes, to: LaneBits.self)
    let right = unsafeBitCast(other.lanes, to: LaneBits.self)
    let larger = left.replacing(with: right, where: left .< right)
    #endif
    return Self(unsafeBitCast(larger, to: Lanes.self))
  }

  @inline(__always)
  static func prefetch(_ pointer: UnsafeRawPointer) {
    // Read, into every level, data.
    Builtin.int_prefetch_RawPointer(
      pointer._rawValue, (0 as Int32)._value, (3 as Int32)._value, (1 as Int32)._value)
  }

  @inline(__always)
  static func prefetchL2(_ pointer: UnsafeRawPointer) {
    Builtin.int_prefetch_RawPointer(
      pointer._rawValue, (0 as Int32)._value, (2 as Int32)._value, (1 as Int32)._value)
  }

  @inline(__always)
  static func laundered<Element>(_ pointer: UnsafePointer<Element>) -> UnsafePointer<Element> {
    UnsafePointer(Builtin.int_launder_invariant_group_RawPointer(pointer._rawValue))
  }

  @inline(__always)
  func scaled(byPowerIn shifted: Self) -> Self {
    let exponent = unsafeBitCast(shifted.lanes, to: LaneBits.self) &<< 23
    return Self(
      unsafeBitCast(unsafeBitCast(lanes, to: LaneBits.self) &+ exponent, to: Lanes.self))
  }

  @inline(__always)
  static func dropoutFactors(rowKey: UInt32, column: Int, _ dropout: Dropout) -> Self {
    let first =
      (rowKey ^ dropout.key) &+ UInt32(truncatingIfNeeded: column - 1) &* Dropout.increment
    // `Dropout.scrambled` on vectors.
    var x = LaneKeys(repeating: first) &+ laneIncrements
    x = (x ^ (x &>> 16)) &* 0x21F0_AAAD
    x = (x ^ (x &>> 15)) &* 0x735A_2D97
    x = x ^ (x &>> 15)
    let isKept = x .>= LaneKeys(repeating: dropout.threshold)
    return Self(Lanes(repeating: 0).replacing(with: dropout.scale, where: isKept))
  }

  /// Multiples of `Dropout.increment` from 1 on: LLVM adds a vector with a zero in two parts.
  @inline(__always)
  private static var laneIncrements: LaneKeys {
    var increments = LaneKeys(repeating: 0)
    for lane in 0..<LaneKeys.scalarCount {
      increments[lane] = UInt32(truncatingIfNeeded: lane + 1) &* Dropout.increment
    }
    return increments
  }

  #if SWIFTLET_AVX2
  @inline(__always)
  static var bytesPerActivation: Int { 2 }

  /// Stores a mask of four bytes' signs, then their magnitudes, as `Int8Dot` reads them.
  @inline(__always)
  func storeActivations(
    to pointer: UnsafeMutablePointer<UInt8>, count: Int, negatives: inout Self
  ) {
    // Adding and subtracting 1.5 * 2^23 rounds to an integer.
    let magic = Self(repeating: 12_582_912)
    negatives = negatives + (self + magic - magic).minimum(.zero)
    let signs = _mm256_srai_epi32(wholeNumbers(), 31)
    let packed = _mm256_packs_epi32(signs, magnitude().wholeNumbers())
    let steps = unsafeBitCast(_mm256_packs_epi16(packed, packed), to: SIMD4<UInt64>.self)
    UnsafeMutableRawPointer(pointer).storeBytes(of: steps.evenHalf, as: SIMD2<UInt64>.self)
  }

  /// The lanes rounded to integers: adding 1.5 * 2^23 leaves them in the low bits.
  @inline(__always)
  private func wholeNumbers() -> __m256i {
    let shifted = _mm256_add_ps(lanes, Lanes(repeating: 12_582_912))
    return _mm256_sub_epi32(
      unsafeBitCast(shifted, to: __m256i.self), _mm256_set1_epi32(0x4B40_0000))
  }
  #else
  @inline(__always)
  static var bytesPerActivation: Int { 1 }

  /// Shifted by 128: unsigned bytes.
  @inline(__always)
  func storeActivations(
    to pointer: UnsafeMutablePointer<UInt8>, count: Int, negatives: inout Self
  ) {
    // Adding 1.5 * 2^23 + 128 leaves the integer, shifted by 128, in the low byte.
    let magic = Lanes(repeating: 12_583_040)
    let shifted = unsafeBitCast(Instructions.add(lanes, magic), to: LaneBits.self)
    #if SWIFTLET_AVX512
    let bytes = unsafeBitCast(
      _mm512_cvtepi32_epi8(unsafeBitCast(shifted, to: __m512i.self)), to: LaneBytes.self)
    #else
    let bytes = LaneBytes(truncatingIfNeeded: shifted)
    #endif
    if count == Lanes.scalarCount {
      UnsafeMutableRawPointer(pointer).storeBytes(of: bytes, as: LaneBytes.self)
    } else {
      for lane in 0..<count { pointer[lane] = bytes[lane] }
    }
  }
  #endif

  @inline(__always)
  func sum() -> Float {
    let four = folded { $0 + $1 }
    return (four[0] + four[2]) + (four[1] + four[3])
  }

  @inline(__always)
  func largest() -> Float {
    let four = folded { $0.replacing(with: $1, where: $0 .< $1) }
    return max(max(four[0], four[1]), max(four[2], four[3]))
  }

  @inline(__always)
  func largestMagnitude() -> Float {
    let four = unsafeBitCast(
      folded { first, second in
        let left = unsafeBitCast(first, to: SIMD4<Int32>.self)
        let right = unsafeBitCast(second, to: SIMD4<Int32>.self)
        return unsafeBitCast(
          left.replacing(with: right, where: left .< right), to: SIMD4<Float>.self)
      }, to: SIMD4<UInt32>.self)
    return Float(bitPattern: max(max(four[0], four[1]), max(four[2], four[3])))
  }

  /// The lanes reduced to four by halving.
  @inline(__always)
  private func folded(
    _ combine: (SIMD4<Float>, SIMD4<Float>) -> SIMD4<Float>
  ) -> SIMD4<Float> {
    #if SWIFTLET_AVX512
    combine(
      combine(lanes.lowHalf.lowHalf, lanes.highHalf.lowHalf),
      combine(lanes.lowHalf.highHalf, lanes.highHalf.highHalf))
    #elseif SWIFTLET_AVX2
    combine(lanes.lowHalf, lanes.highHalf)
    #else
    lanes
    #endif
  }
}

#if SWIFTLET_AVX512
/// Polynomials of degree 4 for erf(x / √2) around the multiples of `width` from 0 to 31, fitted on
/// Chebyshev nodes; the last is the constant 1, which erf equals in float32.
private enum ErrorFunctionTable {
  typealias Pair = (low: Lanes, high: Lanes)

  static var width: Float { 0.177_5 }

  @inline(__always)
  static var constant: Pair {
    (
      Lanes(
        0, 0.140_884_32, 0.277_410_4, 0.405_620_25, 0.522_295_83, 0.625_190_2, 0.713_124_04,
        0.785_947_86, 0.844_392_3, 0.889_845_67, 0.924_102_1, 0.949_121_1, 0.966_828_4,
        0.978_973_03, 0.987_044_9, 0.992_243_77),
      Lanes(
        0.995_488_64, 0.997_451_3, 0.998_601_7, 0.999_255_1, 0.999_614_8, 0.999_806_6, 0.999_905_77,
        0.999_955_5, 0.999_979_56, 0.999_990_9, 0.999_996_07, 0.999_998_33, 0.999_999_34,
        0.999_999_76, 0.999_999_9, 1)
    )
  }

  @inline(__always)
  static var linear: Pair {
    (
      Lanes(
        0.797_884_17, 0.785_413_5, 0.749_158_86, 0.692_415_06, 0.620_120_6, 0.538_149_3, 0.452_529,
        0.368_728_82, 0.291_128_52, 0.222_730_34, 0.165_116_7, 0.118_609_525, 0.082_559_12,
        0.055_683_62, 0.036_392_074, 0.023_046_393),
      Lanes(
        0.014_142_169, 0.008_409_029, 0.004_844_986, 0.002_704_929_3, 0.001_463_309, 7.670_663e-4,
        3.896_246_5e-4, 1.917_682e-4, 9.145_834e-5, 4.226_555_8e-5, 1.892_633e-5, 8.212_26e-6,
        3.452_831_2e-6, 1.406_709_4e-6, 5.553_282_6e-7, 0)
    )
  }

  @inline(__always)
  static var square: Pair {
    (
      Lanes(
        0, -0.069_705_38, -0.132_975_56, -0.184_355_33, -0.220_142_59, -0.238_803_52, -0.240_971_48,
        -0.229_072_59, -0.206_701_1, -0.177_905_75, -0.146_541_01, -0.115_792_54, -0.087_925_49,
        -0.064_245_03, -0.045_217_216, -0.030_680_58),
      Lanes(
        -0.020_081_943, -0.012_687_178, -0.007_739_909, -0.004_561_220_8, -0.002_597_397_7,
        -0.001_429_636_3, -7.607_528e-4, -3.914_534_8e-4, -1.948_102_3e-4, -9.377_897_4e-5,
        -4.367_374_6e-5, -1.967_928e-5, -8.580_617e-6, -3.620_68e-6, -1.478_637_3e-6, 0)
    )
  }

  @inline(__always)
  static var cube: Pair {
    (
      Lanes(
        -0.132_784_56, -0.126_597_03, -0.108_985_61, -0.082_601_12, -0.051_241_253, -0.019_094_152,
        0.010_030_052, 0.033_302_244, 0.049_197_022, 0.057_507_176, 0.059_103, 0.055_541_363,
        0.048_642_516, 0.040_131_714, 0.031_401_69, 0.023_408_161),
      Lanes(
        0.016_676_659, 0.011_381_248, 0.007_453_777, 0.004_690_992_6, 0.002_840_067_5,
        0.001_655_585_2, 9.299_260_6e-4, 5.035_954e-4, 2.630_708e-4, 1.326_201_3e-4, 6.454_37e-5,
        3.033_513_3e-5, 1.377_234_3e-5, 6.041_528_6e-6, 2.561_283_7e-6, 0)
    )
  }

  @inline(__always)
  static var fourth: Pair {
    (
      Lanes(
        0, 0.017_209_798, 0.031_787_448, 0.041_658_614, 0.045_714_147, 0.043_965_68, 0.037_427_48,
        0.027_783_208, 0.016_950_017, 0.006_665_078_5, -0.001_807_785_5, -0.007_805_146_7,
        -0.011_232_823, -0.012_424_227, -0.011_951_762, -0.010_448_476),
      Lanes(
        -0.008_476_849, -0.006_457_774, -0.004_653_472, -0.003_187_469, -0.002_082_541_6,
        -0.001_301_153, -7.789_208e-4, -4.474_531_5e-4, -2.469_55e-4, -1.310_787_8e-4,
        -6.696_461e-5, -3.294_984e-5, -1.562_455e-5, -7.143_697e-6, -3.150_544_7e-6, 0)
    )
  }
}
#endif

#if !SWIFTLET_BFLOAT16
/// Products of float32.
private enum Float32Dot: DotProduct {
  typealias Element = Float

  /// Without fused products, the optimiser keeps `sum + product` in the product's register and runs
  /// out of registers. A difference must stay in the sum's register, so the sums are negated. The
  /// bits are the same.
  @inline(__always)
  static var holdsNegativeSums: Bool {
    #if SWIFTLET_AVX512 || SWIFTLET_AVX2 || !arch(x86_64)
    false
    #else
    true
    #endif
  }

  @inline(__always)
  static var elementsPerStep: Int { 1 }

  @inline(__always)
  static var bytesPerStep: Int { 4 * Lanes.scalarCount }

  @inline(__always)
  static var takesStepsInPairs: Bool { hasRegistersForPairs }

  @inline(__always)
  static func start(_ scaling: NoScaling, column: Int) -> Vector {
    holdsNegativeSums ? Vector(repeating: -0.0) : .zero
  }

  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer) -> Vector {
    Vector(pointer.loadUnaligned(as: Lanes.self))
  }

  @inline(__always)
  static func accumulate(_ sums: inout Vector, _ a: UnsafePointer<Float>, _ weights: Vector) {
    let a = Vector(repeating: a.pointee)
    sums = holdsNegativeSums ? sums - a * weights : sums.adding(a, times: weights)
  }

  @inline(__always)
  static func scaled(_ sums: Vector, _ scaling: NoScaling, row: Int, column: Int) -> Vector {
    holdsNegativeSums ? Vector(repeating: -0.0) - sums : sums
  }

  @inline(__always)
  static func resume(_ pointer: UnsafePointer<Float>) -> Vector { Vector(loading: pointer) }

  @inline(__always)
  static func save(_ sums: Vector, to pointer: UnsafeMutablePointer<Float>) {
    sums.store(to: pointer)
  }
}

/// Products of int8, summed exactly in 32 bits: a step adds 4 products of at most 255 * 127, so
/// that overflow takes over 16,000 steps.
private enum Int8Dot: DotProduct {
  typealias Element = UInt8
  typealias Sums = LaneBits

  @inline(__always)
  static var elementsPerStep: Int { 4 * Vector.bytesPerActivation }

  @inline(__always)
  static var bytesPerStep: Int { 4 * Lanes.scalarCount }

  @inline(__always)
  static var takesStepsInPairs: Bool { hasRegistersForPairs }

  @inline(__always)
  static func start(_ scaling: IntegerScaling, column: Int) -> LaneBits {
    #if SWIFTLET_AVX2
    // Activations that are not shifted need no correction.
    LaneBits(repeating: 0)
    #else
    UnsafeRawPointer(scaling.start + column).loadUnaligned(as: LaneBits.self)
    #endif
  }

  @inline(__always)
  static func scaled(
    _ sums: LaneBits, _ scaling: IntegerScaling, row: Int, column: Int
  ) -> Vector {
    #if SWIFTLET_AVX2
    let sums = sums &+ LaneBits(repeating: scaling.row[row].start)
    #endif
    return Vector(Instructions.floats(sums)) * Vector(repeating: scaling.row[row].scale)
      * Vector(loading: scaling.column + column)
  }

  @inline(__always)
  static func resume(_ pointer: UnsafePointer<Float>) -> LaneBits {
    UnsafeRawPointer(pointer).loadUnaligned(as: LaneBits.self)
  }

  @inline(__always)
  static func save(_ sums: LaneBits, to pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: sums, as: LaneBits.self)
  }

  #if SWIFTLET_AVX512
  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer) -> LaneBits {
    pointer.loadUnaligned(as: LaneBits.self)
  }

  @inline(__always)
  static func accumulate(_ sums: inout LaneBits, _ a: UnsafePointer<UInt8>, _ weights: LaneBits) {
    let four = LaneBits(repeating: UnsafeRawPointer(a).loadUnaligned(as: Int32.self))
    sums = unsafeBitCast(
      _mm512_dpbusd_epi32(
        unsafeBitCast(sums, to: __m512i.self), unsafeBitCast(four, to: __m512i.self),
        unsafeBitCast(weights, to: __m512i.self)), to: LaneBits.self)
  }
  #elseif SWIFTLET_AVX2
  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer) -> __m256i {
    pointer.loadUnaligned(as: __m256i.self)
  }

  /// a w = |a| w, or |a| ~w + |a| where a is negative; `scaled` adds the last part. The instruction for
  /// unsigned with signed bytes saturates two products at 16 bits, which 2 * 127 * 128 does not reach.
  @inline(__always)
  static func accumulate(_ sums: inout LaneBits, _ a: UnsafePointer<UInt8>, _ weights: __m256i) {
    let step = UnsafeRawPointer(a)
    let signs = _mm256_set1_epi32(step.loadUnaligned(as: Int32.self))
    let sizes = _mm256_set1_epi32(step.loadUnaligned(fromByteOffset: 4, as: Int32.self))
    let pairs = _mm256_maddubs_epi16(sizes, _mm256_xor_si256(weights, signs))
    let products = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
    sums = sums &+ unsafeBitCast(products, to: LaneBits.self)
  }
  #else
  typealias Words = SIMD8<Int16>

  /// The weights of a step as words: for each column the first and third, and the second and fourth.
  struct Weights: BitwiseCopyable {
    let even: Words
    let odd: Words
  }

  /// Widens signed bytes in place.
  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer) -> Weights {
    #if arch(x86_64)
    let bytes = pointer.loadUnaligned(as: __m128i.self)
    return Weights(
      even: unsafeBitCast(_mm_srai_epi16(_mm_slli_epi16(bytes, 8), 8), to: Words.self),
      odd: unsafeBitCast(_mm_srai_epi16(bytes, 8), to: Words.self))
    #else
    let bytes = pointer.loadUnaligned(as: Words.self)
    return Weights(even: (bytes &<< 8) &>> 8, odd: bytes &>> 8)
    #endif
  }

  /// Broadcasts the four bytes of a row, then splits them in the vector: splitting them in general
  /// registers takes four more instructions.
  @inline(__always)
  static func accumulate(_ sums: inout LaneBits, _ a: UnsafePointer<UInt8>, _ weights: Weights) {
    let four = LaneBits(repeating: UnsafeRawPointer(a).loadUnaligned(as: Int32.self))
    #if arch(x86_64)
    let bytes = unsafeBitCast(four, to: __m128i.self)
    let even = _mm_srli_epi16(_mm_slli_epi16(bytes, 8), 8)
    let odd = _mm_srli_epi16(bytes, 8)
    let both = _mm_add_epi32(
      _mm_madd_epi16(even, unsafeBitCast(weights.even, to: __m128i.self)),
      _mm_madd_epi16(odd, unsafeBitCast(weights.odd, to: __m128i.self)))
    sums = sums &+ unsafeBitCast(both, to: LaneBits.self)
    #else
    let bytes = unsafeBitCast(four, to: SIMD8<UInt16>.self)
    sums =
      sums &+ pairSums(bytes & 0xFF, weights.even) &+ pairSums(bytes &>> 8, weights.odd)
    #endif
  }

  #if !arch(x86_64)
  /// a[2c] w[2c] + a[2c + 1] w[2c + 1] for each column c.
  @inline(__always)
  private static func pairSums(_ a: SIMD8<UInt16>, _ weights: Words) -> LaneBits {
    let words = unsafeBitCast(a, to: Words.self)
    return LaneBits(truncatingIfNeeded: words.evenHalf)
      &* LaneBits(truncatingIfNeeded: weights.evenHalf)
      &+ LaneBits(truncatingIfNeeded: words.oddHalf)
      &* LaneBits(truncatingIfNeeded: weights.oddHalf)
  }
  #endif
  #endif
}

/// Every kernel, instantiated for this target's instruction set.
package let kernels = KernelTable(
  name: instructionSetName,
  products: ProductKernels(
    panelWidth: GEMM<Float32Dot>.panelWidth, bytesPerActivation: Vector.bytesPerActivation,
    multiply: multiply, multiplyFloat16: multiplyFloat16, multiplyInt8: multiplyInt8,
    quantize: quantize, applyEpilogue: applyEpilogue),
  attention: AttentionKernels(
    scratchCount: attentionScratchCount, float32: float32Attention, int8: int8Attention,
    dropout: dropoutAttention, backward: attentionBackward,
    backwardScratchCount: attentionBackwardScratchCount),
  rows: RowKernels(
    activate: activate, layerNorm: layerNorm, embed: embed, prefetch: prefetch),
  training: TrainingFunctions.table)

private func multiply(
  _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
  _ epilogue: LinearEpilogue, _ panels: Range<Int>, _ out: Matrix<Float>
) {
  switch epilogue {
  case .bias: Float32Products.run(x, weights, panels, AddBias(output: out, bias: bias))
  case .biasGELU: Float32Products.runGELU(x, weights, panels, AddBiasGELU(output: out, bias: bias))
  case .biasResidual(let residual):
    Float32Products.runResidual(
      x, weights, panels, AddBiasResidual(output: out, bias: bias, residual: residual))
  }
}

/// Each epilogue is a separate function: the optimiser does not inline all of them into one.
private enum Float32Products {
  @inline(never)
  static func run(
    _ x: Matrix<Float>, _ weights: PackedMatrix, _ panels: Range<Int>, _ epilogue: AddBias<Vector>
  ) {
    GEMM<Float32Dot>.multiply(FullFloat32Tile.self, x, weights, panels, NoScaling(), epilogue)
  }

  @inline(never)
  static func runGELU(
    _ x: Matrix<Float>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ epilogue: AddBiasGELU<Vector>
  ) {
    GEMM<Float32Dot>.multiply(FullFloat32Tile.self, x, weights, panels, NoScaling(), epilogue)
  }

  @inline(never)
  static func runResidual(
    _ x: Matrix<Float>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ epilogue: AddBiasResidual<Vector>
  ) {
    GEMM<Float32Dot>.multiply(FullFloat32Tile.self, x, weights, panels, NoScaling(), epilogue)
  }
}

#if SWIFTLET_AVX512 || SWIFTLET_AVX2
/// Products of float32 with weights that are stored as float16.
private enum Float16Dot: DotProduct {
  typealias Element = Float

  @inline(__always)
  static var elementsPerStep: Int { 1 }

  @inline(__always)
  static var bytesPerStep: Int { 2 * Lanes.scalarCount }

  @inline(__always)
  static var takesStepsInPairs: Bool { hasRegistersForPairs }

  @inline(__always)
  static func start(_ scaling: NoScaling, column: Int) -> Vector { .zero }

  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer) -> Vector {
    #if SWIFTLET_AVX512
    Vector(_mm512_cvtph_ps(pointer.loadUnaligned(as: __m256i.self)))
    #else
    Vector(_mm256_cvtph_ps(pointer.loadUnaligned(as: __m128i.self)))
    #endif
  }

  @inline(__always)
  static func accumulate(_ sums: inout Vector, _ a: UnsafePointer<Float>, _ weights: Vector) {
    Float32Dot.accumulate(&sums, a, weights)
  }

  @inline(__always)
  static func scaled(_ sums: Vector, _ scaling: NoScaling, row: Int, column: Int) -> Vector {
    sums
  }

  @inline(__always)
  static func resume(_ pointer: UnsafePointer<Float>) -> Vector { Float32Dot.resume(pointer) }

  @inline(__always)
  static func save(_ sums: Vector, to pointer: UnsafeMutablePointer<Float>) {
    Float32Dot.save(sums, to: pointer)
  }
}

private let multiplyFloat16: ProductKernels.MultiplyFloat16? = {
  x, weights, bias, epilogue, panels, scratch, out in
  // One tile or two widen the weights as they go; for more, each panel is widened once.
  if x.rows <= 2 * FullFloat32Tile.rowCount {
    switch epilogue {
    case .bias: Float16TileProducts.run(x, weights, panels, AddBias(output: out, bias: bias))
    case .biasGELU:
      Float16TileProducts.runGELU(x, weights, panels, AddBiasGELU(output: out, bias: bias))
    case .biasResidual(let residual):
      Float16TileProducts.runResidual(
        x, weights, panels, AddBiasResidual(output: out, bias: bias, residual: residual))
    }
  } else {
    let widened = WidenedMatrix<Float16Dot>(weights, scratch: scratch)
    switch epilogue {
    case .bias: Float16PanelProducts.run(x, widened, panels, AddBias(output: out, bias: bias))
    case .biasGELU:
      Float16PanelProducts.runGELU(x, widened, panels, AddBiasGELU(output: out, bias: bias))
    case .biasResidual(let residual):
      Float16PanelProducts.runResidual(
        x, widened, panels, AddBiasResidual(output: out, bias: bias, residual: residual))
    }
  }
}

/// Separate functions, for the reason at ``Float32Products``.
private enum Float16TileProducts {
  @inline(never)
  static func run(
    _ x: Matrix<Float>, _ weights: PackedMatrix, _ panels: Range<Int>, _ epilogue: AddBias<Vector>
  ) {
    GEMM<Float16Dot>.multiply(FullFloat16Tile.self, x, weights, panels, NoScaling(), epilogue)
  }

  @inline(never)
  static func runGELU(
    _ x: Matrix<Float>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ epilogue: AddBiasGELU<Vector>
  ) {
    GEMM<Float16Dot>.multiply(FullFloat16Tile.self, x, weights, panels, NoScaling(), epilogue)
  }

  @inline(never)
  static func runResidual(
    _ x: Matrix<Float>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ epilogue: AddBiasResidual<Vector>
  ) {
    GEMM<Float16Dot>.multiply(FullFloat16Tile.self, x, weights, panels, NoScaling(), epilogue)
  }
}

private enum Float16PanelProducts {
  @inline(never)
  static func run(
    _ x: Matrix<Float>, _ weights: WidenedMatrix<Float16Dot>, _ panels: Range<Int>,
    _ epilogue: AddBias<Vector>
  ) {
    GEMM<Float32Dot>.multiply(FullFloat32Tile.self, x, weights, panels, NoScaling(), epilogue)
  }

  @inline(never)
  static func runGELU(
    _ x: Matrix<Float>, _ weights: WidenedMatrix<Float16Dot>, _ panels: Range<Int>,
    _ epilogue: AddBiasGELU<Vector>
  ) {
    GEMM<Float32Dot>.multiply(FullFloat32Tile.self, x, weights, panels, NoScaling(), epilogue)
  }

  @inline(never)
  static func runResidual(
    _ x: Matrix<Float>, _ weights: WidenedMatrix<Float16Dot>, _ panels: Range<Int>,
    _ epilogue: AddBiasResidual<Vector>
  ) {
    GEMM<Float32Dot>.multiply(FullFloat32Tile.self, x, weights, panels, NoScaling(), epilogue)
  }
}
#else
/// This instruction set has no conversion from float16.
private let multiplyFloat16: ProductKernels.MultiplyFloat16? = nil
#endif

private func multiplyInt8(
  _ x: Matrix<UInt8>, _ scales: UnsafePointer<RowScale>, _ weights: QuantizedMatrix,
  _ bias: UnsafePointer<Float>, _ epilogue: LinearEpilogue, _ panels: Range<Int>,
  _ out: Matrix<Float>
) {
  let scaling = IntegerScaling(row: scales, column: weights.scales, start: weights.start)
  switch epilogue {
  case .bias:
    Int8Products.run(x, weights.packed, panels, scaling, AddBias(output: out, bias: bias))
  case .biasGELU:
    Int8Products.runGELU(
      x, weights.packed, panels, scaling, AddBiasGELU(output: out, bias: bias))
  case .biasResidual(let residual):
    Int8Products.runResidual(
      x, weights.packed, panels, scaling,
      AddBiasResidual(output: out, bias: bias, residual: residual))
  }
}

/// Separate functions, for the reason at ``Float32Products``.
private enum Int8Products {
  @inline(never)
  static func run(
    _ x: Matrix<UInt8>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ scaling: IntegerScaling, _ epilogue: AddBias<Vector>
  ) {
    GEMM<Int8Dot>.multiply(FullInt8Tile.self, x, weights, panels, scaling, epilogue)
  }

  @inline(never)
  static func runGELU(
    _ x: Matrix<UInt8>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ scaling: IntegerScaling, _ epilogue: AddBiasGELU<Vector>
  ) {
    GEMM<Int8Dot>.multiply(FullInt8Tile.self, x, weights, panels, scaling, epilogue)
  }

  @inline(never)
  static func runResidual(
    _ x: Matrix<UInt8>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ scaling: IntegerScaling, _ epilogue: AddBiasResidual<Vector>
  ) {
    GEMM<Int8Dot>.multiply(FullInt8Tile.self, x, weights, panels, scaling, epilogue)
  }
}

private func quantize(
  _ x: Matrix<Float>, _ bytes: Matrix<UInt8>, _ scales: UnsafeMutablePointer<RowScale>
) {
  Quantization<Vector>.rows(x, into: bytes, scales: scales)
}

private func applyEpilogue(
  _ out: Matrix<Float>, _ bias: UnsafePointer<Float>, _ epilogue: LinearEpilogue
) {
  switch epilogue {
  case .bias:
    applyEpilogue(out, row: 0, column: 0, AddBias<Vector>(output: out, bias: bias))
  case .biasGELU:
    applyEpilogue(out, row: 0, column: 0, AddBiasGELU<Vector>(output: out, bias: bias))
  case .biasResidual(let residual):
    applyEpilogue(
      out, row: 0, column: 0,
      AddBiasResidual<Vector>(output: out, bias: bias, residual: residual))
  }
}

private func activate(_ rows: Matrix<Float>, _ activation: Activation) {
  TrainingFunctions.activate(rows, activation, rows)
}

private func layerNorm(
  _ input: Matrix<Float>, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
  _ epsilon: Float, _ output: Matrix<Float>
) {
  LayerNorm<Vector>.rows(input, weight: weight, bias: bias, epsilon: epsilon, output: output)
}

private func embed(
  _ words: QuantizedRows, _ id: Int, _ kind: UnsafePointer<Float>?,
  _ position: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
) {
  EmbeddingSum<Vector>.row(words, id, kind: kind, position: position, into: output)
}

private func prefetch(_ pointer: UnsafeRawPointer, _ byteCount: Int) {
  for offset in stride(from: 0, to: byteCount, by: 64) { Vector.prefetch(pointer + offset) }
}

private typealias Float32Attention = Attention<FullFloat32Tile, Float32AttentionFunctions>

private func attentionScratchCount(_ length: Int, _ headSize: Int) -> Int {
  let floats = Float32Attention.scratchCount(length: length, headSize: headSize)
  #if SWIFTLET_AVX512
  let int8 = FullInt8Attention.scratchCount(length: length, headSize: headSize)
  #else
  let int8 = 0
  #endif
  return max(floats, int8)
}

private func float32Attention(
  _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>,
  _ output: Matrix<Float>, _ scale: Float, _ scratch: UnsafeMutablePointer<Float>
) {
  Float32Attention.head(
    query: query, key: key, value: value, output: output, scale: scale, scratch: scratch)
}

private func dropoutAttention(
  _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>,
  _ output: Matrix<Float>, _ scale: Float, _ dropout: AttentionDropout,
  _ scratch: UnsafeMutablePointer<Float>
) {
  Float32Attention.head(
    query: query, key: key, value: value, output: output, scale: scale, dropout: dropout,
    scratch: scratch)
}

private func attentionBackwardScratchCount(_ length: Int, _ headSize: Int) -> Int {
  Float32Attention.backwardScratchCount(length: length, headSize: headSize)
}

private func attentionBackward(
  _ head: AttentionHead, _ gradients: AttentionHead, _ scale: Float,
  _ dropout: AttentionDropout?, _ scratch: UnsafeMutablePointer<Float>
) {
  Float32Attention.backward(head, gradients, scale: scale, dropout: dropout, scratch: scratch)
}

/// The steps of attention, each a separate function: the optimiser does not inline all of them into
/// one.
private enum Float32AttentionFunctions: AttentionSteps {
  @inline(never)
  static func packColumns(_ source: Matrix<Float>, _ target: UnsafeMutablePointer<Float>) {
    PanelPacking<Vector>.columns(source, into: target)
  }

  @inline(never)
  static func packRows(_ source: Matrix<Float>, _ target: UnsafeMutablePointer<Float>) {
    PanelPacking<Vector>.rows(source, into: target)
  }

  @inline(never)
  static func product(_ a: Matrix<Float>, _ b: PackedMatrix, _ out: Matrix<Float>) {
    GEMM<Float32Dot>.multiply(
      FullFloat32Tile.self, a, b, 0..<b.panelCount, NoScaling(), StoreSums(output: out))
  }

  @inline(never)
  static func numerators(
    _ scores: Matrix<Float>, count: Int, scale: Float, factors: UnsafeMutablePointer<Float>
  ) {
    Softmax<Vector>.numerators(scores, count: count, scale: scale, factors: factors)
  }

  @inline(never)
  static func drop(_ numerators: Matrix<Float>, _ dropout: AttentionDropout) {
    Softmax<Vector>.drop(numerators, dropout)
  }

  @inline(never)
  static func context(
    _ scores: Matrix<Float>, _ values: PackedMatrix, _ factors: UnsafePointer<Float>,
    _ output: Matrix<Float>
  ) {
    GEMM<Float32Dot>.multiply(
      FullFloat32Tile.self, scores, values, 0..<values.panelCount, NoScaling(),
      ScaleRows(output: output, factors: factors))
  }

  @inline(never)
  static func rowProducts(
    _ a: Matrix<Float>, _ b: Matrix<Float>, _ products: UnsafeMutablePointer<Float>
  ) {
    Float32Attention.rowProducts(a, b, into: products)
  }

  @inline(never)
  static func softmaxGradients(
    _ numerators: Matrix<Float>, _ gradients: Matrix<Float>, scale: Float,
    factors: UnsafePointer<Float>, means: UnsafePointer<Float>, _ dropout: AttentionDropout?
  ) {
    Softmax<Vector>.gradients(
      numerators, gradients, scale: scale, factors: factors, means: means, dropout)
  }

  @inline(never)
  static func addTransposedProduct(
    _ a: Matrix<Float>, _ b: PackedMatrix, _ sums: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    TransposedProduct<FullFloat32Tile>.add(a, b, into: sums, isFirst: isFirst)
  }

  @inline(never)
  static func storeTransposedProduct(_ sums: UnsafePointer<Float>, _ output: Matrix<Float>) {
    TransposedProduct<FullFloat32Tile>.store(sums, to: output)
  }
}

#if SWIFTLET_AVX512
private typealias FullInt8Attention = Int8Attention<FullInt8Tile, Int8AttentionFunctions>

private let int8Attention: AttentionKernels.Attend? = {
  query, key, value, output, scale, scratch in
  FullInt8Attention.head(
    query: query, key: key, value: value, output: output, scale: scale, scratch: scratch)
}

/// Products of int16, summed in 32 bits; the caller bounds them so that sums don't overflow.
private enum Int16Dot: DotProduct {
  typealias Element = Int16

  @inline(__always)
  static var elementsPerStep: Int { 2 }

  @inline(__always)
  static var bytesPerStep: Int { 4 * Lanes.scalarCount }

  @inline(__always)
  static var takesStepsInPairs: Bool { hasRegistersForPairs }

  @inline(__always)
  static func start(_ scaling: IntegerScaling, column: Int) -> LaneBits {
    LaneBits(repeating: 0)
  }

  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer) -> LaneBits { Int8Dot.load(pointer) }

  @inline(__always)
  static func accumulate(_ sums: inout LaneBits, _ a: UnsafePointer<Int16>, _ weights: LaneBits) {
    let two = LaneBits(repeating: UnsafeRawPointer(a).loadUnaligned(as: Int32.self))
    sums = unsafeBitCast(
      _mm512_dpwssd_epi32(
        unsafeBitCast(sums, to: __m512i.self), unsafeBitCast(two, to: __m512i.self),
        unsafeBitCast(weights, to: __m512i.self)), to: LaneBits.self)
  }

  @inline(__always)
  static func scaled(
    _ sums: LaneBits, _ scaling: IntegerScaling, row: Int, column: Int
  ) -> Vector {
    Int8Dot.scaled(sums, scaling, row: row, column: column)
  }

  @inline(__always)
  static func resume(_ pointer: UnsafePointer<Float>) -> LaneBits { Int8Dot.resume(pointer) }

  @inline(__always)
  static func save(_ sums: LaneBits, to pointer: UnsafeMutablePointer<Float>) {
    Int8Dot.save(sums, to: pointer)
  }
}

private enum Int8AttentionFunctions: Int8AttentionSteps {
  @inline(__always)
  static func storeInt16(
    _ lanes: Vector, times factor: Vector, to pointer: UnsafeMutablePointer<Int16>
  ) {
    let words = _mm512_cvtepi32_epi16(unsafeBitCast(shifted(lanes, factor), to: __m512i.self))
    UnsafeMutableRawPointer(pointer).storeBytes(of: words, as: __m256i.self)
  }

  @inline(__always)
  static func storeInt16Pairs(
    _ first: Vector, _ second: Vector, times factor: Vector, to pointer: UnsafeMutableRawPointer
  ) {
    let low = shifted(first, factor) & LaneBits(repeating: 0xFFFF)
    let high = shifted(second, factor) &<< LaneBits(repeating: 16)
    pointer.storeBytes(of: low | high, as: LaneBits.self)
  }

  /// Adding 1.5 * 2^23 leaves the integer in the low bits.
  @inline(__always)
  private static func shifted(_ lanes: Vector, _ factor: Vector) -> LaneBits {
    let sum = Vector(repeating: 12_582_912).adding(lanes, times: factor)
    return unsafeBitCast(sum.lanes, to: LaneBits.self)
  }

  @inline(never)
  static func packKeys(
    _ key: Matrix<Float>, _ layout: Int8AttentionLayout, _ scratch: UnsafeMutablePointer<Float>
  ) {
    FullInt8Attention.packKeys(key, layout, scratch)
  }

  @inline(never)
  static func packValues(
    _ value: Matrix<Float>, _ layout: Int8AttentionLayout, _ scratch: UnsafeMutablePointer<Float>
  ) {
    FullInt8Attention.packValues(value, layout, scratch)
  }

  @inline(never)
  static func quantize(
    _ query: Matrix<Float>, _ bytes: Matrix<UInt8>, _ scales: UnsafeMutablePointer<RowScale>
  ) {
    // Rounded to whole vectors, so that the compiler emits no code for a remainder.
    let whole = query.columns / Vector.laneCount * Vector.laneCount
    Quantization<Vector>.rows(
      Matrix(query.pointer, rows: query.rows, columns: whole, stride: query.stride), into: bytes,
      scales: scales)
  }

  @inline(never)
  static func scores(
    _ query: Matrix<UInt8>, _ keys: PackedMatrix, _ scaling: IntegerScaling,
    _ scores: Matrix<Float>
  ) {
    GEMM<Int8Dot>.multiply(
      FullInt8Tile.self, query, keys, 0..<keys.panelCount, scaling, StoreSums(output: scores))
  }

  @inline(never)
  static func int16Numerators(
    _ scores: Matrix<Float>, count: Int, scale: Float, maxNumerator: Float,
    into numerators: Matrix<Int16>,
    factors: UnsafeMutablePointer<RowScale>
  ) {
    Softmax<Vector>.int16Numerators(
      scores, count: count, scale: scale, maxNumerator: maxNumerator, into: numerators,
      factors: factors
    ) { storeInt16($0, times: $1, to: $2) }
  }

  @inline(never)
  static func context(
    _ numerators: Matrix<Int16>, _ values: PackedMatrix, _ scaling: IntegerScaling,
    _ output: Matrix<Float>
  ) {
    GEMM<Int16Dot>.multiply(
      FullInt16Tile.self, numerators, values, 0..<values.panelCount, scaling,
      StoreSums(output: output))
  }
}
#else
/// Integer products are not faster than float products here, or not by enough.
private let int8Attention: AttentionKernels.Attend? = nil
#endif

private enum OuterProductFunctions: OuterProductSteps {
  @inline(never)
  static func addPanel(
    _ x: OuterProductSource<Float>, _ first: Int, _ panel: UnsafeRawPointer, _ c: Matrix<Float>
  ) {
    OuterProduct<FullFloat32Tile>.addPanel(x, first, panel, to: c)
  }
}

/// The kernels of training, each a separate function.
private enum TrainingFunctions {
  static var table: TrainingKernels {
    TrainingKernels(
      outerProductScratchCount: { OuterProduct<FullFloat32Tile>.scratchCount(depth: $0) },
      addOuterProduct: addOuterProduct, addColumnSums: addColumnSums, layerNorm: layerNorm,
      layerNormBackward: layerNormBackward, addNormGradients: addNormGradients, dropout: dropout,
      addDropout: addDropout, adamW: adamW, sumOfSquares: sumOfSquares,
      transposePanels: transposePanels, activate: activate,
      activateBackward: activateBackward, add: add, softmax: softmax)
  }

  static func addOuterProduct(
    _ x: Matrix<Float>, _ g: Matrix<Float>, _ panels: Range<Int>, _ target: GradientPanels,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    OuterProduct<FullFloat32Tile>.add(
      OuterProductFunctions.self, Float32OuterOperands(FullFloat32Tile.self, x, g),
      panels: panels, to: target, scratch: scratch)
  }

  static func addColumnSums(
    _ g: Matrix<Float>, _ columns: Range<Int>, _ out: UnsafeMutablePointer<Float>
  ) {
    ColumnSums<Vector>.add(g, columns: columns, to: out)
  }

  static func layerNorm(
    _ input: Matrix<Float>, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
    _ epsilon: Float, _ output: Matrix<Float>, _ moments: NormMoments
  ) {
    LayerNorm<Vector>.rows(
      input, weight: weight, bias: bias, epsilon: epsilon, output: output, moments: moments)
  }

  static func layerNormBackward(
    _ g: Matrix<Float>, _ x: Matrix<Float>, _ moments: NormMoments,
    _ weight: UnsafePointer<Float>, _ dx: Matrix<Float>
  ) {
    LayerNorm<Vector>.backward(g, x, moments, weight: weight, into: dx)
  }

  static func addNormGradients(
    _ g: Matrix<Float>, _ x: Matrix<Float>, _ moments: NormMoments, _ columns: Range<Int>,
    _ weight: UnsafeMutablePointer<Float>, _ bias: UnsafeMutablePointer<Float>
  ) {
    LayerNorm<Vector>.addGradients(g, x, moments, columns: columns, weight: weight, bias: bias)
  }

  static func dropout(
    _ x: Matrix<Float>, _ rowKeys: UnsafePointer<UInt32>, _ dropout: Dropout,
    _ out: Matrix<Float>
  ) {
    DropoutKernel<Vector>.rows(x, rowKeys: rowKeys, dropout, into: out)
  }

  static func addDropout(
    _ x: Matrix<Float>, _ rowKeys: UnsafePointer<UInt32>, _ dropout: Dropout,
    _ residual: Matrix<Float>, _ out: Matrix<Float>
  ) {
    DropoutKernel<Vector>.add(x, rowKeys: rowKeys, dropout, to: residual, into: out)
  }

  static func adamW(
    _ values: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    _ firstMoments: UnsafeMutablePointer<Float>, _ secondMoments: UnsafeMutablePointer<Float>,
    _ count: Int, _ step: AdamWStep
  ) {
    AdamW<Vector>.update(
      values, gradients, firstMoments, secondMoments, count: count, step)
  }

  static func sumOfSquares(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
    AdamW<Vector>.sumOfSquares(x, count: count)
  }

  static func transposePanels(
    _ source: PackedMatrix, _ panels: Range<Int>, _ target: UnsafeMutablePointer<Float>
  ) {
    PanelTransposition<Vector>.panels(panels, of: source, into: target)
  }

  /// Also the function of `RowKernels`.
  @inline(never)
  static func activate(_ x: Matrix<Float>, _ activation: Activation, _ out: Matrix<Float>) {
    ActivationKernel<Vector>.rows(x, activation, into: out)
  }

  static func activateBackward(
    _ g: Matrix<Float>, _ x: Matrix<Float>, _ activation: Activation
  ) {
    ActivationKernel<Vector>.backward(g, x, activation)
  }

  static func add(_ x: Matrix<Float>, _ out: Matrix<Float>) {
    Addition<Vector>.rows(x, into: out)
  }

  static func softmax(_ logits: Matrix<Float>, _ logSums: UnsafeMutablePointer<Float>) {
    Softmax<Vector>.probabilities(logits, logSums: logSums)
  }
}

#else
/// The kernels of bfloat16.
package let kernels = BFloat16Kernels(
  round: bfloat16Round, multiply: bfloat16Multiply, attend: bfloat16Attention,
  attentionScratchCount: {
    FullBFloat16Attention.scratchCount(length: $0, headSize: $1)
  },
  training: BFloat16TrainingKernels(
    roundPairs: bfloat16RoundPairs, addOuterProduct: bfloat16AddOuterProduct,
    roundPanels: bfloat16RoundPanels))

extension Vector {
  @inline(__always)
  func storeBFloat16(to pointer: UnsafeMutablePointer<UInt16>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: swiftlet_round(lanes), as: __m256i.self)
  }

  @inline(__always)
  static func storeBFloat16Pairs(
    _ first: Vector, _ second: Vector, to pointer: UnsafeMutablePointer<UInt16>
  ) {
    let low = _mm512_cvtepu16_epi32(swiftlet_round(first.lanes))
    let high = _mm512_slli_epi32(_mm512_cvtepu16_epi32(swiftlet_round(second.lanes)), 16)
    UnsafeMutableRawPointer(pointer).storeBytes(of: _mm512_or_si512(low, high), as: __m512i.self)
  }
}

/// Products of bfloat16, summed in float32: a step adds two, the second one first, and rounds after
/// each. Subnormal numbers and sums count as zero.
private enum BFloat16Dot: DotProduct {
  typealias Element = UInt16

  @inline(__always)
  static var elementsPerStep: Int { 2 }

  @inline(__always)
  static var bytesPerStep: Int { 4 * Lanes.scalarCount }

  @inline(__always)
  static var takesStepsInPairs: Bool { hasRegistersForPairs }

  @inline(__always)
  static func start(_ scaling: NoScaling, column: Int) -> Vector { .zero }

  @inline(__always)
  static func load(_ pointer: UnsafeRawPointer) -> __m512i {
    pointer.loadUnaligned(as: __m512i.self)
  }

  @inline(__always)
  static func accumulate(_ sums: inout Vector, _ a: UnsafePointer<UInt16>, _ weights: __m512i) {
    let two = LaneBits(repeating: UnsafeRawPointer(a).loadUnaligned(as: Int32.self))
    sums = Vector(
      swiftlet_add_products(sums.lanes, unsafeBitCast(two, to: __m512i.self), weights))
  }

  @inline(__always)
  static func scaled(_ sums: Vector, _ scaling: NoScaling, row: Int, column: Int) -> Vector {
    sums
  }

  @inline(__always)
  static func resume(_ pointer: UnsafePointer<Float>) -> Vector { Vector(loading: pointer) }

  @inline(__always)
  static func save(_ sums: Vector, to pointer: UnsafeMutablePointer<Float>) {
    sums.store(to: pointer)
  }
}

private func bfloat16Round(_ x: Matrix<Float>, _ rounded: Matrix<UInt16>) {
  BFloat16Rows<Vector>.round(x, into: rounded)
}

private func bfloat16Multiply(
  _ x: Matrix<UInt16>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
  _ epilogue: LinearEpilogue, _ panels: Range<Int>, _ out: Matrix<Float>
) {
  switch epilogue {
  case .bias: BFloat16Products.run(x, weights, panels, AddBias(output: out, bias: bias))
  case .biasGELU: BFloat16Products.runGELU(x, weights, panels, AddBiasGELU(output: out, bias: bias))
  case .biasResidual(let residual):
    BFloat16Products.runResidual(
      x, weights, panels, AddBiasResidual(output: out, bias: bias, residual: residual))
  }
}

/// Separate functions, for the reason at ``Float32Products``.
private enum BFloat16Products {
  @inline(never)
  static func run(
    _ x: Matrix<UInt16>, _ weights: PackedMatrix, _ panels: Range<Int>, _ epilogue: AddBias<Vector>
  ) {
    GEMM<BFloat16Dot>.multiply(FullBFloat16Tile.self, x, weights, panels, NoScaling(), epilogue)
  }

  @inline(never)
  static func runGELU(
    _ x: Matrix<UInt16>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ epilogue: AddBiasGELU<Vector>
  ) {
    GEMM<BFloat16Dot>.multiply(FullBFloat16Tile.self, x, weights, panels, NoScaling(), epilogue)
  }

  @inline(never)
  static func runResidual(
    _ x: Matrix<UInt16>, _ weights: PackedMatrix, _ panels: Range<Int>,
    _ epilogue: AddBiasResidual<Vector>
  ) {
    GEMM<BFloat16Dot>.multiply(FullBFloat16Tile.self, x, weights, panels, NoScaling(), epilogue)
  }
}

private typealias FullBFloat16Attention = BFloat16Attention<
  FullBFloat16Tile, BFloat16AttentionFunctions
>

private func bfloat16Attention(
  _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>,
  _ output: Matrix<Float>, _ scale: Float, _ scratch: UnsafeMutablePointer<Float>
) {
  FullBFloat16Attention.head(
    query: query, key: key, value: value, output: output, scale: scale, scratch: scratch)
}

/// The steps of attention, each a separate function.
private enum BFloat16AttentionFunctions: BFloat16AttentionSteps {
  @inline(never)
  static func packKeys(
    _ key: Matrix<Float>, _ rounded: Matrix<UInt16>, _ target: UnsafeMutablePointer<Float>
  ) {
    FullBFloat16Attention.packKeys(key, rounded, into: target)
  }

  @inline(never)
  static func packValues(_ value: Matrix<Float>, _ target: UnsafeMutablePointer<UInt16>) {
    FullBFloat16Attention.packValues(value, into: target)
  }

  @inline(never)
  static func round(_ query: Matrix<Float>, _ rounded: Matrix<UInt16>) {
    BFloat16Rows<Vector>.round(query, into: rounded)
  }

  @inline(never)
  static func scores(_ query: Matrix<UInt16>, _ keys: PackedMatrix, _ scores: Matrix<Float>) {
    GEMM<BFloat16Dot>.multiply(
      FullBFloat16Tile.self, query, keys, 0..<keys.panelCount, NoScaling(),
      StoreSums(output: scores))
  }

  @inline(never)
  static func numerators(
    _ scores: Matrix<Float>, count: Int, scale: Float, into numerators: Matrix<UInt16>,
    factors: UnsafeMutablePointer<Float>
  ) {
    Softmax<Vector>.bfloat16Numerators(
      scores, count: count, scale: scale, into: numerators, factors: factors)
  }

  @inline(never)
  static func context(
    _ numerators: Matrix<UInt16>, _ values: PackedMatrix, _ factors: UnsafePointer<Float>,
    _ output: Matrix<Float>
  ) {
    GEMM<BFloat16Dot>.multiply(
      FullBFloat16Tile.self, numerators, values, 0..<values.panelCount, NoScaling(),
      ScaleRows(output: output, factors: factors))
  }
}

private enum BFloat16OuterProductFunctions: OuterProductSteps {
  @inline(never)
  static func addPanel(
    _ x: OuterProductSource<UInt16>, _ first: Int, _ panel: UnsafeRawPointer, _ c: Matrix<Float>
  ) {
    OuterProduct<FullBFloat16Tile>.addPanel(x, first, panel, to: c)
  }
}

private func bfloat16RoundPairs(
  _ x: Matrix<Float>, _ pairs: Range<Int>, _ rounded: Matrix<UInt16>
) {
  BFloat16OuterOperands<Vector>.roundPairs(x, pairs, into: rounded)
}

private func bfloat16AddOuterProduct(
  _ x: Matrix<UInt16>, _ g: Matrix<Float>, _ panels: Range<Int>, _ target: GradientPanels,
  _ scratch: UnsafeMutablePointer<Float>
) {
  OuterProduct<FullBFloat16Tile>.add(
    BFloat16OuterProductFunctions.self, BFloat16OuterOperands<Vector>(x, g), panels: panels,
    to: target, scratch: scratch)
}

private func bfloat16RoundPanels(
  _ source: PackedMatrix, _ panels: Range<Int>, _ forward: UnsafeMutablePointer<UInt16>,
  _ backward: UnsafeMutablePointer<UInt16>
) {
  BFloat16PanelRounding<Vector>.panels(
    panels, of: source, forward: forward, backward: backward)
}
#endif
