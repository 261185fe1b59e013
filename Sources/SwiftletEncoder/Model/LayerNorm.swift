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
