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

/// out[i] = activation(out[i])
@usableFromInline
package enum ActivationKernel<Vector: KernelVector> {
  @inlinable @inline(__always)
  package static func rows(_ matrix: Matrix<Float>, _ activation: Activation) {
    for index in 0..<matrix.rows {
      row(matrix.row(index), count: matrix.columns, activation)
    }
  }

  @inlinable @inline(__always)
  static func row(_ pointer: UnsafeMutablePointer<Float>, count: Int, _ activation: Activation) {
    switch activation {
    case .gelu: apply(pointer, count) { $0.gelu() }
    case .geluTanh: apply(pointer, count) { $0.geluTanh() }
    case .geluQuick: apply(pointer, count) { $0 * ($0 * Vector(repeating: 1.702)).sigmoid() }
    case .geluClipped:
      apply(pointer, count) {
        $0.gelu().maximum(Vector(repeating: -10)).minimum(Vector(repeating: 10))
      }
    case .relu: apply(pointer, count) { $0.relu() }
    case .reluSquared: apply(pointer, count) { $0.relu() * $0.relu() }
    case .relu6: apply(pointer, count) { $0.relu().minimum(Vector(repeating: 6)) }
    case .leakyReLU: apply(pointer, count) { $0.maximum($0 * Vector(repeating: 0.01)) }
    case .sigmoid: apply(pointer, count) { $0.sigmoid() }
    case .silu: apply(pointer, count) { $0 * $0.sigmoid() }
    case .tanh: apply(pointer, count) { $0.hyperbolicTangent() }
    case .mish: apply(pointer, count) { $0.mish() }
    case .laplace: apply(pointer, count) { $0.laplace() }
    case .hardSwish:
      apply(pointer, count) {
        let gate = ($0 + Vector(repeating: 3)).relu().minimum(Vector(repeating: 6))
        return $0 * gate / Vector(repeating: 6)
      }
    case .squareRootSoftplus:
      // √(ln(1 + e^x)); rare enough for the C library's functions, one element at a time.
      for index in 0..<count {
        let x = pointer[index]
        pointer[index] = (x > 20 ? x : log1pf(expf(x))).squareRoot()
      }
    case .linear: break
    }
  }

  @inlinable @inline(__always)
  static func apply(
    _ pointer: UnsafeMutablePointer<Float>, _ count: Int, _ function: (Vector) -> Vector
  ) {
    var index = 0
    while index + Vector.laneCount <= count {
      function(Vector(loading: pointer + index)).store(to: pointer + index)
      index += Vector.laneCount
    }
    if index < count {
      let rest = count - index
      function(Vector(loading: pointer + index, count: rest, filler: 0))
        .store(to: pointer + index, count: rest)
    }
  }
}
