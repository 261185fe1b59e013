import SwiftletSystem

/// Converts little-endian elements at any alignment to `Float` and `Int64`.
///
/// The loops are plain because the compiler vectorises them better than explicit `SIMD` types.
enum NumberConversion {
  /// Converts `count` elements to `Float`; the type must be ``DataType/isReadableAsFloat``.
  static func convert(
    _ source: UnsafeRawPointer,
    as dataType: DataType,
    count: Int,
    to destination: UnsafeMutablePointer<Float>
  ) {
    switch dataType {
    case .f16: convertHalf(source, count: count, to: destination)
    case .bf16: convertBrainFloat(source, count: count, to: destination)
    case .f32:
      UnsafeMutableRawPointer(destination).copyMemory(from: source, byteCount: count * 4)
    case .f64: convert(source, count: count, to: destination) { (x: Double) in Float(x) }
    case .u8: convert(source, count: count, to: destination) { (x: UInt8) in Float(x) }
    case .i8: convert(source, count: count, to: destination) { (x: Int8) in Float(x) }
    case .u16: convert(source, count: count, to: destination) { (x: UInt16) in Float(x) }
    case .i16: convert(source, count: count, to: destination) { (x: Int16) in Float(x) }
    case .u32: convert(source, count: count, to: destination) { (x: UInt32) in Float(x) }
    case .i32: convert(source, count: count, to: destination) { (x: Int32) in Float(x) }
    case .u64: convert(source, count: count, to: destination) { (x: UInt64) in Float(x) }
    case .i64: convert(source, count: count, to: destination) { (x: Int64) in Float(x) }
    case .bool, .f4, .f6E2M3, .f6E3M2, .c64,
      .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ:
      stop("\(dataType.rawValue) does not convert to Float")
    }
  }

  /// Converts `count` elements to `Int64`, copying `u64` bit for bit; the type must be
  /// ``DataType/isReadableAsInteger``.
  static func convert(
    _ source: UnsafeRawPointer,
    as dataType: DataType,
    count: Int,
    to destination: UnsafeMutablePointer<Int64>
  ) {
    switch dataType {
    case .bool: convert(source, count: count, to: destination) { (x: UInt8) in x == 0 ? 0 : 1 }
    case .u8: convert(source, count: count, to: destination) { (x: UInt8) in Int64(x) }
    case .i8: convert(source, count: count, to: destination) { (x: Int8) in Int64(x) }
    case .u16: convert(source, count: count, to: destination) { (x: UInt16) in Int64(x) }
    case .i16: convert(source, count: count, to: destination) { (x: Int16) in Int64(x) }
    case .u32: convert(source, count: count, to: destination) { (x: UInt32) in Int64(x) }
    case .i32: convert(source, count: count, to: destination) { (x: Int32) in Int64(x) }
    case .i64, .u64:
      UnsafeMutableRawPointer(destination).copyMemory(from: source, byteCount: count * 8)
    case .f4, .f6E2M3, .f6E3M2, .f16, .bf16, .f32, .f64, .c64,
      .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ:
      stop("\(dataType.rawValue) does not convert to Int64")
    }
  }

  @inline(__always)
  private static func convert<Source: BitwiseCopyable, Destination>(
    _ source: UnsafeRawPointer,
    count: Int,
    to destination: UnsafeMutablePointer<Destination>,
    _ value: (Source) -> Destination
  ) {
    for index in 0..<count {
      let element = source.loadUnaligned(
        fromByteOffset: index &* MemoryLayout<Source>.stride, as: Source.self)
      destination[index] = value(element)
    }
  }

  /// Converts IEEE half to single precision, exactly.
  ///
  /// Without F16C, as in every default x86-64 build, `Float(Float16)` is a library call per
  /// element.
  static func convertHalf(
    _ source: UnsafeRawPointer, count: Int, to destination: UnsafeMutablePointer<Float>
  ) {
    convert(source, count: count, to: destination) { (half: UInt16) in float(fromHalf: half) }
  }

  /// Converts bfloat16, which is the upper half of a single-precision number.
  static func convertBrainFloat(
    _ source: UnsafeRawPointer, count: Int, to destination: UnsafeMutablePointer<Float>
  ) {
    convert(source, count: count, to: destination) { (half: UInt16) in
      Float(bitPattern: UInt32(truncatingIfNeeded: half) &<< 16)
    }
  }

  /// Converts one half without a branch, so that the loop around it is vectorised.
  ///
  /// After exponent and mantissa are shifted into place, a normal number needs the difference of
  /// the two biases, 127 - 15 = 112, added to its exponent; infinity and NaN need it twice, to
  /// reach exponent 255, and NaN keeps its payload. A subnormal is m * 2^-24: with the exponent of
  /// 2^-14 it reads as 2^-14 + m * 2^-24, and the subtraction is exact. No operand is subnormal, so
  /// neither the flush-to-zero mode nor the CPU's slow path matters.
  @inline(__always)
  static func float(fromHalf half: UInt16) -> Float {
    let magnitude = UInt32(truncatingIfNeeded: half & 0x7FFF) &<< 13
    let exponent = magnitude & 0x0F80_0000
    let sign = UInt32(truncatingIfNeeded: half & 0x8000) &<< 16
    let bias: UInt32 = 112 &<< 23
    let normal = magnitude &+ bias
    let limit: UInt32 = 0x3880_0000  // 2^-14
    let subnormal = Float(bitPattern: magnitude &+ limit) - Float(bitPattern: limit)
    let bits =
      exponent == 0
      ? subnormal.bitPattern : (exponent == 0x0F80_0000 ? normal &+ bias : normal)
    return Float(bitPattern: bits | sign)
  }
}
