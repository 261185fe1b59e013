/// The rules of the processors' bfloat16, one number at a time: Intel, "Intel 64 and IA-32 Architectures
/// Software Developer's Manual", volume 2, VCVTNEPS2BF16 and VDPBF16PS.
enum BFloat16Reference {
  /// A float rounded to the nearest, halves to even. Subnormal numbers become zeros, NaN stays NaN.
  static func rounded(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    if value.isSubnormal { return UInt16(bits >> 31) << 15 }
    let half = UInt32(0x7FFF) + (bits >> 16 & 1)
    return UInt16((bits + half) >> 16)
  }

  static func widened(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// start + Σₖ a[k] b[k] in pairs: the second product of a pair is added first, then the first one. A
  /// missing last element is 0.
  static func sum(_ a: [UInt16], _ b: [UInt16], from start: Float = 0) -> Float {
    var sum = start
    for first in stride(from: 0, to: a.count, by: 2) {
      let hasSecond = first + 1 < a.count
      sum = adding(
        sum, hasSecond ? a[first + 1] : 0, hasSecond ? b[first + 1] : 0)
      sum = adding(sum, a[first], b[first])
    }
    return sum
  }

  /// sum + a b, rounded once. Subnormal operands and results count as zeros.
  static func adding(_ sum: Float, _ a: UInt16, _ b: UInt16) -> Float {
    flushed(flushed(sum).addingProduct(flushed(widened(a)), flushed(widened(b))))
  }

  private static func flushed(_ value: Float) -> Float {
    value.isSubnormal ? Float(sign: value.sign, exponent: 0, significand: 0) : value
  }
}
