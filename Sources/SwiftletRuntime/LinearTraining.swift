package import SwiftletKernelCore
package import SwiftletSystem

/// What the backward pass of a linear layer needs besides its weights w [N, K].
package struct LinearTraining: @unchecked Sendable {
  /// w packed for dx[M, K] = g[M, N] w.
  package let transposed: PackedMatrix
  /// The memory of ``transposed``.
  let transposedPanels: UnsafeMutablePointer<Float>
  /// The bias of that product, K zeros padded to whole panels.
  let zeros: UnsafePointer<Float>
  /// Nil for a frozen layer.
  package let gradient: LinearGradient?

  /// Allocates zeroed memory in `storage`, which must outlive the layer.
  package init(
    inputs: Int, outputs: Int, gradient: LinearGradient?, in storage: WeightStorage,
    for products: ProductKernels
  ) throws(MemoryError) {
    let width = products.panelWidth
    transposedPanels = try storage.allocate(
      PackedMatrix.wordCount(steps: outputs, columns: inputs, panelWidth: width))
    transposed = PackedMatrix(
      pointer: transposedPanels, steps: outputs, columns: inputs, panelWidth: width)
    zeros = UnsafePointer(try storage.allocate(WeightStorage.padded(inputs)))
    self.gradient = gradient
  }
}

/// Where the gradient of a linear layer is summed.
package struct LinearGradient: @unchecked Sendable {
  package enum Weights {
    /// In the panels of the packed weights.
    case panels(UnsafeMutablePointer<Float>)
    /// Row-major [N, K]: a table that is a layer's weights at the same time.
    case rows(Matrix<Float>)
  }

  package let weights: Weights
  /// [N]
  package let bias: UnsafeMutablePointer<Float>

  package init(weights: Weights, bias: UnsafeMutablePointer<Float>) {
    self.weights = weights
    self.bias = bias
  }
}
