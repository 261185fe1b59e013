import Glibc

/// The element-wise functions of the feed-forward layers and the heads, each with its formula below.
@usableFromInline
package enum Activation: CaseIterable, Sendable {
  case gelu
  case geluTanh
  case geluQuick
  case geluClipped
  case relu
  case reluSquared
  case relu6
  case leakyReLU
  case sigmoid
  case silu
  case tanh
  case mish
  case laplace
  case hardSwish
  case squareRootSoftplus
  case linear
}

extension KernelVector {
  /// x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))
  @inlinable @inline(__always)
  func geluTanh() -> Self {
    let cubic = self.adding(
      self * self * self, times: Self(repeating: 0.044_715))
    let inner = cubic * Self(repeating: 0.797_884_561)
    let half = self * Self(repeating: 0.5)
    return half.adding(half, times: inner.hyperbolicTangent())
  }

  /// x tanh(ln(1 + e^x)), as x (e² + 2e) / (e² + 2e + 2); from 20 on it is x.
  @inlinable @inline(__always)
  func mish() -> Self {
    let e = minimum(Self(repeating: 20)).exponential()
    let two = Self(repeating: 2)
    let n = e * (e + two)
    return self * (n / (n + two))
  }

  /// (1 + erf((x - μ) / (σ √2))) / 2 with μ = √½, σ = √(1 / 4π): Mega's replacement for relu².
  @inlinable @inline(__always)
  func laplace() -> Self {
    let scaled = (self - Self(repeating: 0.707_107)) * Self(repeating: 2.506_626_44)
    return (Self(repeating: 1) + scaled.errorFunction()) * Self(repeating: 0.5)
  }

  @inlinable @inline(__always)
  func relu() -> Self { maximum(.zero) }
}

/// out[i] = activation(x[i]), and the backward pass g[i] *= activation'(x[i]).
@usableFromInline
package enum ActivationKernel<Vector: KernelVector> {
  /// `out` may be `x`.
  @inlinable @inline(__always)
  package static func rows(_ x: Matrix<Float>, _ activation: Activation, into out: Matrix<Float>) {
    for index in 0..<x.rows {
      row(x.row(index), into: out.row(index), count: x.columns, activation)
    }
  }

  @inlinable @inline(__always)
  static func row(
    _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, count: Int,
    _ activation: Activation
  ) {
    switch activation {
    case .gelu: apply(x, out, count) { $0.gelu() }
    case .geluTanh: apply(x, out, count) { $0.geluTanh() }
    case .geluQuick: apply(x, out, count) { $0 * ($0 * Vector(repeating: 1.702)).sigmoid() }
    case .geluClipped:
      apply(x, out, count) {
        $0.gelu().maximum(Vector(repeating: -10)).minimum(Vector(repeating: 10))
      }
    case .relu: apply(x, out, count) { $0.relu() }
    case .reluSquared: apply(x, out, count) { $0.relu() * $0.relu() }
    case .relu6: apply(x, out, count) { $0.relu().minimum(Vector(repeating: 6)) }
    case .leakyReLU: apply(x, out, count) { $0.maximum($0 * Vector(repeating: 0.01)) }
    case .sigmoid: apply(x, out, count) { $0.sigmoid() }
    case .silu: apply(x, out, count) { $0 * $0.sigmoid() }
    case .tanh: apply(x, out, count) { $0.hyperbolicTangent() }
    case .mish: apply(x, out, count) { $0.mish() }
    case .laplace: apply(x, out, count) { $0.laplace() }
    case .hardSwish:
      apply(x, out, count) {
        let gate = ($0 + Vector(repeating: 3)).relu().minimum(Vector(repeating: 6))
        return $0 * gate / Vector(repeating: 6)
      }
    case .squareRootSoftplus:
      // √(ln(1 + e^x)); rare enough for the C library's functions, one element at a time.
      for index in 0..<count {
        out[index] = softplus(x[index]).squareRoot()
      }
    case .linear: if x != out { out.update(from: x, count: count) }
    }
  }

  @inlinable @inline(__always)
  static func apply(
    _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ count: Int,
    _ function: (Vector) -> Vector
  ) {
    Vector.forEach(count) { index, rest in
      function(Vector(loadingUpTo: rest, from: x + index)).store(to: out + index, upTo: rest)
    }
  }

  /// ln(1 + e^x)
  @inlinable @inline(__always)
  static func softplus(_ x: Float) -> Float { x > 20 ? x : log1pf(expf(x)) }

  /// g[t, c] *= activation'(x[t, c]). Where the derivative jumps, it is that of torch: 0 for `relu`,
  /// `relu6`, and `geluClipped` at 10, 0.01 for `leakyReLU`, 0 and 1 for `hardSwish`.
  @inlinable @inline(__always)
  package static func backward(_ g: Matrix<Float>, _ x: Matrix<Float>, _ activation: Activation) {
    for index in 0..<x.rows {
      backwardRow(g.row(index), x.row(index), count: x.columns, activation)
    }
  }

  @inlinable @inline(__always)
  static func backwardRow(
    _ g: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, count: Int,
    _ activation: Activation
  ) {
    let one = Vector(repeating: 1)
    switch activation {
    case .gelu: multiply(g, x, count) { $0.geluSlope() }
    case .geluTanh: multiply(g, x, count) { $0.geluTanhSlope() }
    case .geluQuick: multiply(g, x, count) { ($0 * Vector(repeating: 1.702)).siluSlope() }
    case .geluClipped:
      multiply(g, x, count) { (Vector(repeating: 10) - $0).ifPositive($0.geluSlope(), else: .zero) }
    case .relu: multiply(g, x, count) { $0.ifPositive(one, else: .zero) }
    case .reluSquared: multiply(g, x, count) { $0.relu() + $0.relu() }
    case .relu6:
      multiply(g, x, count) {
        $0.ifPositive((Vector(repeating: 6) - $0).ifPositive(one, else: .zero), else: .zero)
      }
    case .leakyReLU: multiply(g, x, count) { $0.ifPositive(one, else: Vector(repeating: 0.01)) }
    case .sigmoid: multiply(g, x, count) { $0.sigmoidAndSlope().slope }
    case .silu: multiply(g, x, count) { $0.siluSlope() }
    case .tanh: multiply(g, x, count) { ($0 + $0).sigmoidAndSlope().slope * Vector(repeating: 4) }
    case .mish: multiply(g, x, count) { $0.mishSlope() }
    case .laplace: multiply(g, x, count) { $0.laplaceSlope() }
    case .hardSwish: multiply(g, x, count) { $0.hardSwishSlope() }
    case .squareRootSoftplus:
      for index in 0..<count { g[index] *= squareRootSoftplusSlope(x[index]) }
    case .linear: break
    }
  }

  @inlinable @inline(__always)
  static func multiply(
    _ g: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ count: Int,
    _ slope: (Vector) -> Vector
  ) {
    Vector.forEach(count) { index, rest in
      (Vector(loadingUpTo: rest, from: g + index)
        * slope(Vector(loadingUpTo: rest, from: x + index)))
        .store(to: g + index, upTo: rest)
    }
  }

  /// sigmoid(x) / (2 √(ln(1 + e^x))), which is e^(x/2) / 2 where e^x is too small to add to 1.
  @inlinable @inline(__always)
  static func squareRootSoftplusSlope(_ x: Float) -> Float {
    x < -17 ? expf(x / 2) / 2 : 1 / (1 + expf(-x)) / (2 * softplus(x).squareRoot())
  }
}

// Derivatives. Their terms vanish or are constant far from 0, where x is clamped so that no product
// overflows.
extension KernelVector {
  @inlinable @inline(__always)
  func clamped(to bound: Float) -> Self {
    maximum(Self(repeating: -bound)).minimum(Self(repeating: bound))
  }

  /// Φ(x) + x φ(x) with φ(x) = e^(-x²/2) / √(2π)
  @inlinable @inline(__always)
  func geluSlope() -> Self {
    let x = clamped(to: 13)
    let half = Self(repeating: 0.5)
    let signed = x.ifPositive(half, else: Self(repeating: -0.5))
    let distribution = half.adding(signed, times: x.magnitude().erfOverSqrt2())
    let density = (x * x * Self(repeating: -0.5)).exponential() * Self(repeating: 0.398_942_28)
    return distribution.adding(x, times: density)
  }

  /// s + 2 x s (1 - s) u', where s = sigmoid(2u) = (1 + tanh u) / 2, u = √(2/π) (x + 0.044715 x³)
  @inlinable @inline(__always)
  func geluTanhSlope() -> Self {
    let x = clamped(to: 10)
    let square = x * x * Self(repeating: 0.044_715)
    let twice = Self(repeating: 1.595_769_12)
    let argument = x.adding(x, times: square) * twice
    let slope = Self(repeating: 1).adding(square, times: Self(repeating: 3)) * twice
    let (value, sigmoidSlope) = argument.sigmoidAndSlope()
    return value.adding(x * slope, times: sigmoidSlope)
  }

  /// s = 1 / (1 + e^-x) and s' = s (1 - s), both without cancellation: e^-|x| is at most 1.
  @inlinable @inline(__always)
  func sigmoidAndSlope() -> (value: Self, slope: Self) {
    let e = (Self.zero - magnitude()).exponential()
    let ofMagnitude = Self(repeating: 1) / (Self(repeating: 1) + e)
    let mirrored = e * ofMagnitude
    return (ifPositive(ofMagnitude, else: mirrored), mirrored * ofMagnitude)
  }

  /// s + x s' with s = sigmoid(x)
  @inlinable @inline(__always)
  func siluSlope() -> Self {
    let (value, slope) = sigmoidAndSlope()
    return value.adding(clamped(to: 88), times: slope)
  }

  /// t + x t', where t = tanh(ln(1 + e^x)) = n / (n + 2), n = e² + 2e, t' = 4 e (e + 1) / (n + 2)²
  @inlinable @inline(__always)
  func mishSlope() -> Self {
    let x = maximum(Self(repeating: -87)).minimum(Self(repeating: 20))
    let e = x.exponential()
    let two = Self(repeating: 2)
    let n = e * (e + two)
    let factor = Self(repeating: 1) / (n + two)
    let inner = (e + e) * factor * (e + Self(repeating: 1)) * (factor + factor)
    return (n * factor).adding(x, times: inner)
  }

  /// e^(-z²) / (σ √(2π)) with z = (x - μ) / (σ √2)
  @inlinable @inline(__always)
  func laplaceSlope() -> Self {
    let z = ((self - Self(repeating: 0.707_107)) * Self(repeating: 2.506_626_44)).clamped(to: 13)
    return (Self.zero - z * z).exponential() * Self(repeating: 1.414_212_53)
  }

  /// x / 3 + 1 / 2 between -3 and 3, and 0 or 1 outside.
  @inlinable @inline(__always)
  func hardSwishSlope() -> Self {
    let three = Self(repeating: 3)
    let inner = self / three + Self(repeating: 0.5)
    let upper = (three - self).ifPositive(inner, else: Self(repeating: 1))
    return (self + three).ifPositive(upper, else: .zero)
  }
}
