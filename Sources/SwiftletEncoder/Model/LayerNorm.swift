import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// y[T, D] = weight · (x - mean) / √(variance + epsilon) + bias, each row by itself.
struct LayerNorm: Sendable {
  /// [D]
  nonisolated(unsafe) let weight: UnsafePointer<Float>
  /// [D]
  nonisolated(unsafe) let bias: UnsafePointer<Float>
  let epsilon: Float
  /// Nil for inference and for frozen parameters.
  var gradient: NormGradient?

  init(weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// Normalises `x` in place.
  func forward(_ x: Matrix<Float>, _ pass: inout ForwardPass) { forward(x, into: x, &pass) }

  /// `y` is `x`, or does not overlap it.
  func forward(_ x: Matrix<Float>, into y: Matrix<Float>, _ pass: inout ForwardPass) {
    let table = pass.kernels.table
    pass.parallelFor(x.rows) { forward(x.rows($0), into: y.rows($0), table) }
  }

  /// One thread's rows.
  func forward(_ x: Matrix<Float>, into y: Matrix<Float>, _ table: KernelTable) {
    table.rows.layerNorm(x, weight, bias, epsilon, y)
  }
}

// MARK: Training

/// Where the gradients of a normalisation are summed, [D] each.
struct NormGradient: @unchecked Sendable {
  let weight: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>
}

extension LayerNorm {
  /// y = weight · (x - mean) / √(variance + epsilon) + bias, the same bits as in inference.
  func forward(
    _ x: Matrix<Float>, into y: Matrix<Float>, _ moments: NormMoments, _ pass: inout TrainingPass
  ) {
    let forward = pass.kernels.table.training.layerNorm
    pass.parallelFor(x.rows) { rows in
      forward(x.rows(rows), weight, bias, epsilon, y.rows(rows), moments.from(rows.lowerBound))
    }
  }

  /// The gradient of `x` for the gradient `g` of y, in place; adds those of weight and bias.
  func backward(
    _ g: Matrix<Float>, of x: Matrix<Float>, _ moments: NormMoments, _ pass: inout TrainingPass
  ) {
    let kernels = pass.kernels.table.training
    if let gradient {
      pass.parallelFor(columnsOf: g) { columns in
        kernels.addNormGradients(g, x, moments, columns, gradient.weight, gradient.bias)
      }
    }
    pass.parallelFor(g.rows) { rows in
      kernels.layerNormBackward(
        g.rows(rows), x.rows(rows), moments.from(rows.lowerBound), weight, g.rows(rows))
    }
  }
}
