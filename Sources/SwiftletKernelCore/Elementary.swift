// exp, erf, tanh and sigmoid on vectors. The coefficients were fitted for Swiftlet by weighted
// least squares on Chebyshev nodes, with weights adjusted until the error peaks were equal.

extension KernelVector {
  /// e^self, relative error below 1e-7; inputs are clamped to -87...88.
  ///
  /// self = n ln 2 + r with |r| <= ln 2 / 2, and e^r by a polynomial of degree 6.
  @inlinable @inline(__always)
  package func exponential() -> Self {
    let x = maximum(Self(repeating: -87)).minimum(Self(repeating: 88))
    // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
    let magic = Self(repeating: 12_582_912)
    let shifted = magic.adding(x, times: Self(repeating: 1.442_695_04))
    let n = shifted - magic
    // ln 2 in two parts, the first with few enough bits that n times it is exact.
    var r = x.adding(n, times: Self(repeating: -0.693_359_375))
    r = r.adding(n, times: Self(repeating: 2.121_944_4e-4))
    var p = Self(repeating: 0.001_381_454_48)
    p = Self(repeating: 0.008_368_745_22).adding(p, times: r)
    p = Self(repeating: 0.041_668_390_7).adding(p, times: r)
    p = Self(repeating: 0.166_665_204).adding(p, times: r)
    p = Self(repeating: 0.499_999_934).adding(p, times: r)
    let tail = r.adding(p * r, times: r)
    return (Self(repeating: 1) + tail).scaled(byPowerIn: shifted)
  }

  /// 2^self for self <= 1, relative error below 1e-7; inputs are clamped to -125 from below.
  ///
  /// self = n + r with |r| <= 1/2, and 2^r by a polynomial of degree 6.
  @inlinable @inline(__always)
  package func powerOfTwo() -> Self {
    let x = maximum(Self(repeating: -125))
    // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
    let magic = Self(repeating: 12_582_912)
    let shifted = x + magic
    let r = x - (shifted - magic)
    var p = Self(repeating: 1.535_335_2e-4)
    p = Self(repeating: 1.339_888_8e-3).adding(p, times: r)
    p = Self(repeating: 9.618_438e-3).adding(p, times: r)
    p = Self(repeating: 0.055_503_324).adding(p, times: r)
    p = Self(repeating: 0.240_226_48).adding(p, times: r)
    p = Self(repeating: 0.693_147_2).adding(p, times: r)
    return Self(repeating: 1).adding(p, times: r).scaled(byPowerIn: shifted)
  }

  /// The error function, absolute error below 2e-7: x P(x²) / Q(x²) on |x| <= 3.92, beyond which
  /// erf rounds to ±1 in float32.
  @inlinable @inline(__always)
  package func errorFunction() -> Self {
    let x = maximum(Self(repeating: -3.92)).minimum(Self(repeating: 3.92))
    let z = x * x
    var p = Self(repeating: 2.034_732_82e-6)
    p = Self(repeating: 2.874_799_05e-4).adding(p, times: z)
    p = Self(repeating: 3.868_346_62e-3).adding(p, times: z)
    p = Self(repeating: 0.053_060_541_1).adding(p, times: z)
    p = Self(repeating: 0.192_764_498).adding(p, times: z)
    p = Self(repeating: 1.128_379_02).adding(p, times: z)
    var q = Self(repeating: 3.807_064_54e-5)
    q = Self(repeating: 1.188_119_95e-3).adding(q, times: z)
    q = Self(repeating: 0.015_172_334_5).adding(q, times: z)
    q = Self(repeating: 0.115_084_803).adding(q, times: z)
    q = Self(repeating: 0.504_164_755).adding(q, times: z)
    q = Self(repeating: 1).adding(q, times: z)
    return x * p * q.reciprocal()
  }

  /// erf(self / √2)
  @inlinable @inline(__always)
  package func erfOverSqrt2() -> Self {
    (self * Self(repeating: 0.707_106_781)).errorFunction()
  }

  /// x Φ(x) = x / 2 + |x| / 2 erf(|x| / √2)
  ///
  /// x is clamped at -6, below which the two terms differ only by the error of erf.
  @inlinable @inline(__always)
  package func gelu() -> Self {
    let half = maximum(Self(repeating: -6)) * Self(repeating: 0.5)
    return half.adding(half.magnitude(), times: magnitude().erfOverSqrt2())
  }

  /// 1 / (1 + e^-x)
  @inlinable @inline(__always)
  package func sigmoid() -> Self {
    let one = Self(repeating: 1)
    return one / (one + (Self.zero - self).exponential())
  }

  /// 2 sigmoid(2x) - 1; absolute error below 2e-7.
  @inlinable @inline(__always)
  package func hyperbolicTangent() -> Self {
    let two = Self(repeating: 2)
    return two * (two * self).sigmoid() - Self(repeating: 1)
  }
}
