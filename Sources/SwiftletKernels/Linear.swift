package import SwiftletKernelCore
package import SwiftletMemory

/// A linear layer's weights where its products will read them: y[M, N] = x[M, K] wᵀ + b, for w
/// [N, K] as checkpoints store it.
///
/// A view; the `WeightStorage` that made it keeps the memory.
package struct Linear: Sendable {
  package let inputs: Int
  package let outputs: Int
  private let weights: Weights
  /// Padded with zeros to whole panels.
  private nonisolated(unsafe) let bias: UnsafePointer<Float>

  private enum Weights: @unchecked Sendable {
    case packed(PackedMatrix)
    case quantized(QuantizedMatrix)
    case rows(Matrix<Float>)
  }

  /// Takes weights that are already in their place: `rows` [N, K] for CBLAS.
  init(rows: Matrix<Float>, bias: UnsafePointer<Float>) {
    inputs = rows.columns
    outputs = rows.rows
    weights = .rows(rows)
    self.bias = bias
  }

  /// Takes weights that are already in their place, packed for the native kernels.
  init(packed: PackedMatrix, bias: UnsafePointer<Float>) {
    inputs = packed.steps
    outputs = packed.columns
    weights = .packed(packed)
    self.bias = bias
  }

  /// Takes int8 weights that are already in their place.
  init(quantized: QuantizedMatrix, bias: UnsafePointer<Float>) {
    inputs = quantized.depth
    outputs = quantized.packed.columns
    weights = .quantized(quantized)
    self.bias = bias
  }

  /// out[:, columns] = ending(x w[:, columns] + b[columns]) for a range of the outputs, all of them
  /// by default.
  ///
  /// `out` has all the columns of the layer. With the native kernels up to a panel's columns before
  /// the range are computed too. The residual of an ending must be `out` itself or apart from it.
  /// `scratch` holds the rows of `x` as bytes if the weights are.
  package func apply(
    to x: Matrix<Float>, columns: Range<Int>? = nil, ending: LinearEnding = .bias,
    into out: Matrix<Float>, _ kernels: Kernels, _ scratch: ActivationScratch
  ) {
    let columns = columns ?? 0..<outputs
    precondition(x.columns == inputs && out.rows >= x.rows && columns.upperBound <= outputs)
    guard x.rows > 0 else { return }
    switch weights {
    case .packed(let packed):
      multiply(x, packed, columns, ending, out, kernels.table)
    case .quantized(let quantized):
      multiply(x, quantized, columns, ending, out, kernels.table, scratch)
    case .rows(let rows):
      guard let blas = kernels.blas else {
        preconditionFailure("weights laid out for CBLAS need kernels with CBLAS")
      }
      multiply(x, rows, columns, ending, out, kernels.table, blas)
    }
  }

  private func multiply(
    _ x: Matrix<Float>, _ packed: PackedMatrix, _ columns: Range<Int>, _ ending: LinearEnding,
    _ out: Matrix<Float>, _ table: KernelTable
  ) {
    // Seen up to the last wanted column, so that nothing is written behind it.
    let seen = packed.prefix(columns: columns.upperBound)
    let panels = table.panels(columns)
    let result = Matrix(out.pointer, rows: x.rows, columns: out.columns, stride: out.stride)
    switch ending {
    case .bias: table.multiplyBias(x, seen, bias, panels, result)
    case .biasGELU: table.multiplyBiasGELU(x, seen, bias, panels, result)
    case .biasResidual(let residual):
      table.multiplyBiasResidual(x, seen, bias, residual, panels, result)
    }
  }

  private func multiply(
    _ x: Matrix<Float>, _ quantized: QuantizedMatrix, _ columns: Range<Int>,
    _ ending: LinearEnding, _ out: Matrix<Float>, _ table: KernelTable,
    _ scratch: ActivationScratch
  ) {
    let seen = quantized.prefix(columns: columns.upperBound)
    let panels = table.panels(columns)
    let bytes = Matrix(
      scratch.bytes, rows: x.rows, columns: x.columns,
      stride: ActivationScratch.stride(columns: x.columns))
    table.quantize(x, bytes, scratch.scales)
    let result = Matrix(out.pointer, rows: x.rows, columns: out.columns, stride: out.stride)
    table.multiplyInteger(bytes, scratch.scales, seen, bias, ending, panels, result)
  }

  private func multiply(
    _ x: Matrix<Float>, _ rows: Matrix<Float>, _ columns: Range<Int>, _ ending: LinearEnding,
    _ out: Matrix<Float>, _ table: KernelTable, _ blas: BLAS
  ) {
    let w = Matrix(
      rows.row(columns.lowerBound), rows: columns.count, columns: rows.columns,
      stride: rows.stride)
    let result = Matrix(
      out.pointer + columns.lowerBound, rows: x.rows, columns: columns.count, stride: out.stride)
    guard case .biasResidual(let residual) = ending else {
      blas.multiply(x, transposing: w, beta: 0, into: result)
      table.finish(result, bias + columns.lowerBound, ending)
      return
    }
    if residual.pointer == out.pointer {
      blas.multiply(x, transposing: w, beta: 1, into: result)
      table.finish(result, bias + columns.lowerBound, .bias)
    } else {
      let added = Matrix(
        residual.pointer + columns.lowerBound, rows: x.rows, columns: columns.count,
        stride: residual.stride)
      blas.multiply(x, transposing: w, beta: 0, into: result)
      table.finish(result, bias + columns.lowerBound, .biasResidual(added))
    }
  }
}

/// Where rows of activations stand as bytes, with their scales, while they are multiplied.
package struct ActivationScratch {
  let bytes: UnsafeMutablePointer<UInt8>
  let scales: UnsafeMutablePointer<Float>

  package init(bytes: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<Float>) {
    self.bytes = bytes
    self.scales = scales
  }

  /// Bytes from one row to the next: whole cache lines.
  package static func stride(columns: Int) -> Int { (columns + 63) / 64 * 64 }
}
