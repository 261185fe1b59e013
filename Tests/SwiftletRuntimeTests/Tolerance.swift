import SwiftletKernelCore
import Testing

/// How far a float32 result may be from the exact one: the bounds of rounding-error analysis
/// (Higham, "Accuracy and Stability of Numerical Algorithms", chapter 3), with the accuracies that
/// the elementary functions promise.
enum Tolerance {
  /// The unit roundoff of float32.
  static let u = 0x1p-24
  /// The relative error bound of `exponential`.
  static let exponential = 1e-7
  /// The absolute error bound of `errorFunction` and `hyperbolicTangent`.
  static let errorFunction = 2e-7

  /// A sum of `depth` products and a few more terms, whose absolute values add up to `magnitude`.
  static func sum(depth: Int, magnitude: Double) -> Double {
    Double(depth + 3) * u * magnitude
  }

  /// gelu of an argument x that is itself off by `argument`: its slope is below 1.13, and its
  /// factors are x / 2 and 1 + erf.
  static func gelu(_ x: Double, argument: Double = 0) -> Double {
    1.13 * argument + abs(x) / 2 * (errorFunction + 4 * u)
  }

  /// An activation of x whose exact value is y.
  static func activation(_ activation: Activation, _ x: Double, _ y: Double) -> Double {
    let subnormal = 1e-37
    switch activation {
    case .linear, .relu, .relu6: return 0
    case .reluSquared, .leakyReLU: return u * abs(y) + 0x1p-149
    case .hardSwish: return 3 * u * abs(x)
    case .gelu: return gelu(x)
    case .geluClipped: return gelu(min(x, 12))
    case .geluTanh:
      // The slope of tanh times the rounding of its argument stays below a few roundings.
      return abs(x) / 2 * (errorFunction + 8 * u)
    case .tanh: return errorFunction
    case .laplace: return errorFunction / 2 + 2 * u
    case .sigmoid, .silu, .mish: return (exponential + 6 * u) * abs(y) + subnormal * max(1, abs(x))
    case .geluQuick:
      // The rounding of 1.702 x is multiplied by it in the exponent.
      return (exponential + (6 + 2 * abs(1.702 * x)) * u) * abs(y) + subnormal * abs(x)
    case .squareRootSoftplus: return 4 * u * abs(y) + 1e-22
    }
  }

  /// A normalised element: `deviation` is the row's, `largest` its greatest absolute value.
  static func layerNorm(
    count: Int, largest: Double, deviation: Double, normal: Double, weight: Double, bias: Double
  ) -> Double {
    // The mean's error moves every element, and enters the variance squared.
    let mean = Double(count + 2) * u * largest / deviation
    return abs(weight) * (mean + abs(normal) * (mean * mean + Double(count + 8) * u))
      + 2 * u * abs(bias)
  }

  /// Attention over `length` keys of `size` numbers: `products` bounds scale Σ|q k|, `value` bounds
  /// |v|.
  static func attention(length: Int, size: Int, products: Double, value: Double) -> Double {
    value * probability(length: length, size: size, products: products)
  }

  /// The relative error of a probability, with a sum of `length` of them: an error of a score is one
  /// of its exponent, for numerator and denominator.
  static func probability(length: Int, size: Int, products: Double) -> Double {
    let scores = Double(size + 5) * u * products
    return 2 * (2 * scores + exponential + 4 * u) + Double(2 * length + 8) * u
  }
}

/// The worst of many errors, as a share of its bound.
struct WorstError {
  private(set) var share = 0.0
  private(set) var text = "no error"

  mutating func add(
    _ found: Float, expected: Double, tolerance: Double, at place: @autoclosure () -> String
  ) {
    let error = abs(Double(found) - expected)
    guard error > tolerance * share || error.isNaN else { return }
    share = error.isNaN ? .infinity : tolerance > 0 ? error / tolerance : .infinity
    text = "\(found) and not \(expected) ± \(tolerance) at \(place())"
  }

  func check(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(share <= 1, "\(text)", sourceLocation: sourceLocation)
  }
}

extension KernelTable: CustomTestStringConvertible {
  /// The instruction set.
  public var testDescription: String { name }
}
