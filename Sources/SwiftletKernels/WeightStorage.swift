import SwiftletKernelCore
package import SwiftletMemory

/// Owns the memory of a model's weights; the views that it hands out live as long as it does.
///
/// Filled by one thread while a model loads, then only read.
package final class WeightStorage: @unchecked Sendable {
  private var blocks: [UnsafeMutableRawPointer] = []
  /// Bytes allocated so far.
  package private(set) var byteCount = 0

  package init() {}

  deinit { for block in blocks { block.deallocate() } }

  /// A zeroed array on a 64-byte boundary.
  package func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    block.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    blocks.append(block)
    byteCount += bytes
    return block.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  /// Lays out a linear layer for `kernels`. `fill` writes the weights [outputs, inputs] and the bias
  /// [outputs] into the places that it is given.
  package func linear<Failure: Error>(
    inputs: Int, outputs: Int, for kernels: Kernels,
    fill: (Matrix<Float>, UnsafeMutablePointer<Float>) throws(Failure) -> Void
  ) throws(Failure) -> Linear {
    let panelWidth = kernels.table.panelWidth
    let paddedOutputs = (outputs + panelWidth - 1) / panelWidth * panelWidth
    let bias = allocate(paddedOutputs)
    if kernels.blas != nil {
      let rows = Matrix(allocate(outputs * inputs), rows: outputs, columns: inputs)
      try fill(rows, bias)
      return Linear(rows: rows, bias: bias)
    }
    let original = AlignedBuffer<Float>(count: outputs * inputs)
    let rows = Matrix(original.pointer, rows: outputs, columns: inputs)
    try fill(rows, bias)
    let packed = allocate(
      PackedMatrix.elementCount(depth: inputs, columns: outputs, panelWidth: panelWidth))
    PackedMatrix.pack(transposing: rows, into: packed, panelWidth: panelWidth)
    return Linear(
      packed: PackedMatrix(
        pointer: packed, depth: inputs, columns: outputs, panelWidth: panelWidth),
      bias: bias)
  }
}
