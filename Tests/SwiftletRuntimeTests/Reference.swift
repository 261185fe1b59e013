import Glibc
import SwiftletKernelCore
import SwiftletSystem

/// The operations of the kernels by their definitions, one number at a time in double
/// precision.
enum Reference {
  /// A sum, and the sum of its terms' absolute values.
  struct Sum {
    var value = 0.0
    var magnitude = 0.0

    mutating func add(_ term: Double) {
      value += term
      magnitude += abs(term)
    }

    func adding(_ terms: Float...) -> Sum {
      var result = self
      for term in terms { result.add(Double(term)) }
      return result
    }
  }

  /// x[M, K] w[N, K]ᵀ
  static func product(_ x: Matrix<Float>, transposing w: Matrix<Float>) -> [[Sum]] {
    (0..<x.rows).map { row in
      (0..<w.rows).map { column in
        let (left, right) = (x.row(row), w.row(column))
        var value = 0.0
        var magnitude = 0.0
        var k = 0
        while k < x.columns {
          let term = Double(left[k]) * Double(right[k])
          value += term
          magnitude += abs(term)
          k += 1
        }
        return Sum(value: value, magnitude: magnitude)
      }
    }
  }

  static func activation(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .gelu: x * normalDistribution(x)
    case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .geluQuick: x * sigmoid(1.702 * x)
    case .geluClipped: min(max(x * normalDistribution(x), -10), 10)
    case .relu: max(x, 0)
    case .reluSquared: max(x, 0) * max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .leakyReLU: x > 0 ? x : Double(Float(0.01)) * x
    case .sigmoid: sigmoid(x)
    case .silu: x * sigmoid(x)
    case .tanh: tanh(x)
    case .mish: x * tanh(softplus(x))
    case .laplace: 0.5 * erfc(-(x - 0.707107) / (0.282095 * 2.0.squareRoot()))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .squareRootSoftplus: softplus(x).squareRoot()
    case .linear: x
    }
  }

  /// Φ(x), by erfc so that its lower tail keeps its digits.
  private static func normalDistribution(_ x: Double) -> Double {
    0.5 * erfc(-x / 2.0.squareRoot())
  }

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  /// The mean and the biased variance of a row.
  static func moments(_ row: UnsafePointer<Float>, count: Int) -> (mean: Double, variance: Double) {
    let values = (0..<count).map { Double(row[$0]) }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    return (mean, variance)
  }

  /// softmax(scale q kᵀ) v, and the greatest scale Σ|q k|.
  static func attention(
    _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>, scale: Float
  ) -> (rows: [[Double]], products: Double) {
    let scores = product(query, transposing: key)
    let rows = scores.map { row in
      let scaled = row.map { $0.value * Double(scale) }
      let largest = scaled.max() ?? 0
      let numerators = scaled.map { exp($0 - largest) }
      let sum = numerators.reduce(0, +)
      return (0..<value.columns).map { column in
        numerators.indices.reduce(0) { $0 + numerators[$1] / sum * Double(value.row($1)[column]) }
      }
    }
    let products = scores.joined().map(\.magnitude).max() ?? 0
    return (rows, products * Double(scale))
  }
}
