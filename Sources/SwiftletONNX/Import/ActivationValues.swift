import Glibc
import SwiftletCheckpoint

/// The activation functions in double precision, by which a graph's function is recognised.
enum ActivationValues {
  /// Points at which all functions of ``HiddenActivation`` differ; the outer ones distinguish clipped
  /// functions.
  static let points: [Double] = [
    -15, -4, -2.25, -1.5, -0.75, -0.3, -0.05, 0, 0.05, 0.3, 0.75, 1.5, 2.25, 4, 7, 15,
  ]

  /// The difference that 16-bit constants of a graph make.
  private static let tolerance = 2e-3

  /// The function with the given values at ``points``; nil if none has.
  static func function(_ values: [Double]) -> HiddenActivation? {
    var nearest: (function: HiddenActivation, distance: Double)?
    for function in HiddenActivation.allCases {
      let distance = zip(points, values).map { abs(value(function, $0) - $1) / max(1, abs($1)) }
        .reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
      if distance < nearest?.distance ?? tolerance { nearest = (function, distance) }
    }
    return nearest?.function
  }

  /// Source: transformers' `ACT2FN`.
  static func value(_ function: HiddenActivation, _ x: Double) -> Double {
    switch function {
    case .gelu: return x / 2 * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh:
      return x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .geluQuick: return x / (1 + exp(-1.702 * x))
    case .geluClipped: return min(max(value(.gelu, x), -10), 10)
    case .relu: return max(x, 0)
    case .reluSquared: return max(x, 0) * max(x, 0)
    case .relu6: return min(max(x, 0), 6)
    case .leakyReLU: return x < 0 ? 0.01 * x : x
    case .sigmoid: return 1 / (1 + exp(-x))
    case .silu: return x / (1 + exp(-x))
    case .tanh: return tanh(x)
    case .mish: return x * tanh(softplus(x))
    case .laplace: return 0.5 * (1 + erf((x - 0.707107) / (0.282095 * 2.0.squareRoot())))
    case .hardSwish: return x * min(max(x + 3, 0), 6) / 6
    case .squareRootSoftplus: return softplus(x).squareRoot()
    case .linear: return x
    }
  }

  static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}
