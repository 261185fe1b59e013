import Glibc

/// Minimises a smooth function by L-BFGS with a line search for the strong Wolfe conditions.
///
/// Nocedal and Wright, "Numerical Optimization", 2nd edition: algorithms 7.4, 3.5 and 3.6. Runs on one
/// thread; the result depends only on the function's values.
struct LBFGS {
  /// Returns the value at a point, and writes the gradient.
  typealias Function = (_ point: [Double], _ gradient: inout [Double]) -> Double

  /// The pairs of steps and gradient differences that approximate the Hessian.
  var memory = 10
  /// Ends when no element of the gradient is larger.
  var tolerance = 1e-6
  var iterationLimit = 1000

  struct Outcome: Equatable {
    var value: Double
    /// The largest absolute element of the gradient.
    var gradientNorm: Double
    var iterationCount: Int
    /// Whether the gradient reached the tolerance.
    var isConverged: Bool
  }

  /// Moves `point` to a minimum.
  ///
  /// Ends before the tolerance is reached if the limit of iterations is, or if float64 can't resolve a
  /// smaller value; `Outcome/isConverged` is then false.
  func minimize(_ point: inout [Double], _ function: @escaping Function) -> Outcome {
    var gradient = [Double](repeating: 0, count: point.count)
    var value = function(point, &gradient)
    var history = History(limit: memory)
    var iteration = 0
    while Vector.largest(gradient) > tolerance, iteration < iterationLimit {
      var direction = history.descent(gradient)
      if Vector.dot(direction, gradient) >= 0 {
        // Rounding has spoiled the approximation of the Hessian.
        history = History(limit: memory)
        direction = gradient.map { -$0 }
      }
      let search = LineSearch(point, value, gradient, direction, function)
      let first = history.isEmpty ? min(1, 1 / Vector.dot(gradient, gradient).squareRoot()) : 1
      guard let step = search.step(from: first) else {
        if history.isEmpty { break }
        history = History(limit: memory)
        continue
      }
      history.add(
        step: zip(step.point, point).map { $0 - $1 },
        change: zip(step.gradient, gradient).map { $0 - $1 })
      (point, value, gradient) = (step.point, step.value, step.gradient)
      iteration += 1
    }
    let norm = Vector.largest(gradient)
    return Outcome(
      value: value, gradientNorm: norm, iterationCount: iteration, isConverged: norm <= tolerance)
  }
}

/// The last steps, from which the product of the inverse Hessian with a vector is approximated.
private struct History {
  private typealias Pair = (step: [Double], change: [Double], curvature: Double)
  private let limit: Int
  private var pairs: [Pair] = []

  init(limit: Int) { self.limit = limit }

  var isEmpty: Bool { pairs.isEmpty }

  mutating func add(step: [Double], change: [Double]) {
    let curvature = Vector.dot(step, change)
    guard curvature > 2.2e-16 * Vector.dot(change, change) else { return }
    if pairs.count == limit { pairs.removeFirst() }
    pairs.append((step, change, curvature))
  }

  /// -H g, the two-loop recursion.
  func descent(_ gradient: [Double]) -> [Double] {
    var result = gradient.map { -$0 }
    var factors = [Double](repeating: 0, count: pairs.count)
    for (index, pair) in pairs.enumerated().reversed() {
      factors[index] = Vector.dot(pair.step, result) / pair.curvature
      Vector.add(-factors[index], pair.change, to: &result)
    }
    if let last = pairs.last {
      let scale = last.curvature / Vector.dot(last.change, last.change)
      for index in result.indices { result[index] *= scale }
    }
    for (index, pair) in pairs.enumerated() {
      let factor = Vector.dot(pair.change, result) / pair.curvature
      Vector.add(factors[index] - factor, pair.step, to: &result)
    }
    return result
  }
}

/// Operations on vectors, with sums in the order of the elements.
enum Vector {
  static func dot(_ left: [Double], _ right: [Double]) -> Double {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        var sum = 0.0
        for index in left.indices { sum += left[index] * right[index] }
        return sum
      }
    }
  }

  static func add(_ factor: Double, _ vector: [Double], to target: inout [Double]) {
    vector.withUnsafeBufferPointer { vector in
      target.withUnsafeMutableBufferPointer { target in
        for index in target.indices { target[index] += factor * vector[index] }
      }
    }
  }

  /// The largest absolute element; NaN if there is one.
  static func largest(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, abs($1)) }
  }
}
