import SwiftletKernelCore
import SwiftletSystem

/// How a linear layer's weights [N, K] are laid out for the kernels that multiply them.
enum LinearLayout {
  /// As stored, for CBLAS.
  case rows
  /// Panels as wide as a tile of the instruction set.
  case float32(panelWidth: Int)
  case float16(panelWidth: Int)
  case bfloat16(BFloat16Kernels.Round, panelWidth: Int)
  /// Panels of ``QuantizedMatrix/panelWidth`` columns, the same for every instruction set.
  case int8

  /// `isFloat16` says that all of the layer's weights are stored as float16.
  init(for kernels: Kernels, isFloat16: Bool) {
    let panelWidth = kernels.table.products.panelWidth
    if isFloat16, kernels.keepsFloat16 {
      self = .float16(panelWidth: panelWidth)
    } else if kernels.precision == .int8 {
      self = .int8
    } else if kernels.precision == .bfloat16 {
      self = .bfloat16(kernels.bfloat16.round, panelWidth: panelWidth)
    } else if kernels.blas != nil {
      self = .rows
    } else {
      self = .float32(panelWidth: panelWidth)
    }
  }

  /// Allocates the weights of a layer; returns the layer, and where its weights are to be written.
  func allocate(
    inputs: Int, outputs: Int, bias: UnsafePointer<Float>, in arena: WeightArena
  ) throws(MemoryError) -> (Linear, LayerPacking.Target) {
    switch self {
    case .rows:
      let rows = try arena.allocate(outputs * inputs)
      let matrix = Matrix(rows, rows: outputs, columns: inputs)
      return (Linear(rows: matrix, bias: bias), .rows(rows))
    case .float32(let width):
      let count = PackedMatrix.wordCount(steps: inputs, columns: outputs, panelWidth: width)
      let panels = try arena.allocate(count)
      let matrix = PackedMatrix(
        pointer: panels, steps: inputs, columns: outputs, panelWidth: width)
      return (Linear(packed: matrix, bias: bias), .float32(panels, panelWidth: width))
    case .float16(let width):
      let count = PackedMatrix.wordCount(steps: inputs, columns: outputs, panelWidth: width)
      let panels = try arena.allocate(count, of: UInt16.self)
      let matrix = PackedMatrix(
        pointer: panels, steps: inputs, columns: outputs, panelWidth: width, wordBytes: 2)
      return (Linear(packed: matrix, bias: bias), .float16(panels, panelWidth: width))
    case .bfloat16(let round, let width):
      let steps = BFloat16Kernels.steps(depth: inputs)
      let count = PackedMatrix.wordCount(steps: steps, columns: outputs, panelWidth: width)
      let panels = try arena.allocate(2 * count, of: UInt16.self)
      let matrix = PackedMatrix(
        pointer: panels, steps: steps, columns: outputs, panelWidth: width)
      return (
        Linear(bfloat16: matrix, inputs: inputs, bias: bias),
        .bfloat16(panels, panelWidth: width, round: round)
      )
    case .int8:
      let padded = WeightStorage.padded(outputs)
      let panels = try arena.allocate(
        4 * QuantizedMatrix.steps(depth: inputs) * padded, of: Int8.self)
      let scales = try arena.allocate(padded)
      let start = try arena.allocate(padded, of: Int32.self)
      let linear = Linear(
        int8: panels, scales: scales, start: start, bias: bias, inputs: inputs, outputs: outputs)
      return (linear, .int8(panels, scales: scales, start: start))
    }
  }
}
