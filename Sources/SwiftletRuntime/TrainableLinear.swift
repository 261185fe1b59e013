package import SwiftletKernelCore
package import SwiftletSystem

/// A linear layer whose weights w [N, K] change: packed again after every change, for the forward and the
/// backward product. The native kernels multiply it, in float32.
package struct TrainableLinear: Sendable {
  /// y[M, N] = x[M, K] wᵀ + b
  package let forward: Linear
  /// dx[M, K] = dy[M, N] w, with a bias of zeros
  package let backward: Linear
  private nonisolated(unsafe) let bias: UnsafeMutablePointer<Float>
  private nonisolated(unsafe) let panels: UnsafeMutablePointer<Float>
  private nonisolated(unsafe) let transposedPanels: UnsafeMutablePointer<Float>
  private let panelWidth: Int

  /// Allocates zeroed memory in `storage`, which must outlive the layer.
  ///
  /// - Throws: `MemoryError` if the system refuses it.
  package init(
    inputs: Int, outputs: Int, in storage: WeightStorage, for products: ProductKernels
  ) throws(MemoryError) {
    let width = products.panelWidth
    func panels(
      steps: Int, columns: Int
    ) throws(MemoryError) -> (PackedMatrix, UnsafeMutablePointer<Float>) {
      let pointer = try storage.allocate(
        PackedMatrix.wordCount(steps: steps, columns: columns, panelWidth: width))
      let matrix = PackedMatrix(
        pointer: pointer, steps: steps, columns: columns, panelWidth: width)
      return (matrix, pointer)
    }
    let (packed, forwardPanels) = try panels(steps: inputs, columns: outputs)
    let (transposed, backwardPanels) = try panels(steps: outputs, columns: inputs)
    panelWidth = width
    self.panels = forwardPanels
    transposedPanels = backwardPanels
    bias = try storage.allocate(WeightStorage.padded(outputs))
    forward = Linear(packed: packed, bias: bias)
    backward = Linear(
      packed: transposed, bias: try storage.allocate(WeightStorage.padded(inputs)))
  }

  /// Packs weights [N, K] and a bias [N], on all threads of the pool. No pass may read the layer
  /// meanwhile.
  package func pack(
    _ weights: Matrix<Float>, bias source: UnsafePointer<Float>, on pool: WorkerPool
  ) {
    requirePrecondition(
      weights.rows == forward.outputs && weights.columns == forward.inputs,
      "the weights have the shape of the layer")
    bias.update(from: source, count: forward.outputs)
    let forwardCount = (forward.outputs + panelWidth - 1) / panelWidth
    let backwardCount = (forward.inputs + panelWidth - 1) / panelWidth
    pool.run(count: forwardCount + backwardCount) { index in
      if index < forwardCount {
        packPanel(index, of: weights)
      } else {
        packTransposedPanel(index - forwardCount, of: weights)
      }
    }
  }

  private func packPanel(_ panel: Int, of weights: Matrix<Float>) {
    let rows = panel * panelWidth..<min((panel + 1) * panelWidth, weights.rows)
    withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: rows.count) { pointers in
      for (index, row) in rows.enumerated() {
        pointers.initializeElement(at: index, to: UnsafeRawPointer(weights.row(row)))
      }
      Packing.float32(
        UnsafeBufferPointer(pointers), depth: weights.columns,
        into: panels + rows.lowerBound * weights.columns, width: panelWidth)
    }
  }

  private func packTransposedPanel(_ panel: Int, of weights: Matrix<Float>) {
    let first = panel * panelWidth
    Packing.transposed(
      weights, columns: first..<min(first + panelWidth, weights.columns),
      into: transposedPanels + first * weights.rows, width: panelWidth)
  }
}
