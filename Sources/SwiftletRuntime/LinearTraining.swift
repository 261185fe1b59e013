package import SwiftletKernelCore
package import SwiftletSystem

/// What the products of training need besides the weights w [N, K] of a layer, which stay float32.
package struct LinearTraining: @unchecked Sendable {
  /// w packed for dx[M, K] = g[M, N] w, in the precision of the layer's products.
  let transposed: PackedMatrix
  /// w rounded to bfloat16 for the forward product; nil for a layer that computes in float32.
  let rounded: PackedMatrix?
  /// The bias of the backward product, K zeros padded to whole panels.
  let zeros: UnsafePointer<Float>
  /// Nil for a frozen layer.
  package let gradient: LinearGradient?

  /// Allocates zeroed memory in `storage`, which must outlive the layer. With bfloat16,
  /// `inputs` and `outputs` must be even, because a range of the outputs begins with a pair.
  package init(
    inputs: Int, outputs: Int, precision: Precision = .float32, gradient: LinearGradient?,
    in storage: WeightStorage, for products: ProductKernels
  ) throws(MemoryError) {
    func packed(steps: Int, columns: Int) throws(MemoryError) -> PackedMatrix {
      let width = products.panelWidth
      let words: UnsafeMutablePointer<Float> = try storage.allocate(
        PackedMatrix.wordCount(steps: steps, columns: columns, panelWidth: width))
      return PackedMatrix(pointer: words, steps: steps, columns: columns, panelWidth: width)
    }
    let isRounded = precision == .bfloat16
    requirePrecondition(
      !isRounded || inputs % 2 == 0 && outputs % 2 == 0,
      "bfloat16 needs even numbers of inputs and outputs, not \(inputs) and \(outputs)")
    transposed = try packed(steps: isRounded ? outputs / 2 : outputs, columns: inputs)
    rounded = isRounded ? try packed(steps: inputs / 2, columns: outputs) : nil
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
