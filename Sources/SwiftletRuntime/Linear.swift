package import SwiftletKernelCore
import SwiftletSystem

/// A linear layer's weights in the layout of its products: y[M, N] = x[M, K] wᵀ + b, for w [N, K]
/// as checkpoints store it.
///
/// A view; the `WeightStorage` that made it owns the memory.
package struct Linear: Sendable {
  package let inputs: Int
  package let outputs: Int
  private let weights: Weights
  /// Padded with zeros to whole panels.
  nonisolated(unsafe) let bias: UnsafePointer<Float>
  /// Nil for layers that only inference uses.
  package private(set) var training: LinearTraining?

  private enum Weights: @unchecked Sendable {
    case packed(PackedMatrix)
    case bfloat16(PackedMatrix)
    case quantized(QuantizedMatrix)
    case rows(Matrix<Float>)
  }

  /// Takes weights [N, K] for CBLAS.
  init(rows: Matrix<Float>, bias: UnsafePointer<Float>) {
    inputs = rows.columns
    outputs = rows.rows
    weights = .rows(rows)
    self.bias = bias
  }

  /// Takes weights that are packed for the native kernels.
  init(packed: PackedMatrix, bias: UnsafePointer<Float>) {
    inputs = packed.steps
    outputs = packed.columns
    weights = .packed(packed)
    self.bias = bias
  }

  /// Takes weights that are packed as bfloat16.
  init(bfloat16 packed: PackedMatrix, inputs: Int, bias: UnsafePointer<Float>) {
    self.inputs = inputs
    outputs = packed.columns
    weights = .bfloat16(packed)
    self.bias = bias
  }

  /// Takes int8 weights that are already packed, with scales and starts for the padded outputs; see
  /// ``QuantizedMatrix``.
  package init(
    int8 weights: UnsafePointer<Int8>, scales: UnsafePointer<Float>, start: UnsafePointer<Int32>,
    bias: UnsafePointer<Float>, inputs: Int, outputs: Int
  ) {
    self.inputs = inputs
    self.outputs = outputs
    let packed = PackedMatrix(
      pointer: weights, steps: QuantizedMatrix.steps(depth: inputs), columns: outputs,
      panelWidth: QuantizedMatrix.panelWidth)
    self.weights = .quantized(
      QuantizedMatrix(packed: packed, scales: scales, start: start, depth: inputs))
    self.bias = bias
  }

  /// The layer with what its backward pass needs.
  package func trainable(_ training: LinearTraining) -> Linear {
    var layer = self
    layer.training = training
    return layer
  }

  /// The weights, if they are int8.
  package var quantizedWeights: QuantizedMatrix? {
    if case .quantized(let matrix) = weights { matrix } else { nil }
  }

  /// The weights, if they are packed float32 or float16.
  package var packedWeights: PackedMatrix? {
    if case .packed(let matrix) = weights { matrix } else { nil }
  }

  /// The weights, if they are bfloat16.
  package var bfloat16Weights: PackedMatrix? {
    if case .bfloat16(let packed) = weights { packed } else { nil }
  }

  /// The bias, `outputs` floats; valid as long as the weights are.
  package var biases: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: bias, count: outputs)
  }

  /// out[:, columns] = epilogue(x w[:, columns] + b[columns]) for a range of the outputs, all by
  /// default; one or two steps of the worker's pass.
  ///
  /// `out` has all columns of the layer. Native kernels also compute up to a panel's columns before
  /// the range. The residual of an epilogue must be `out` itself or not overlap it. `scratch` holds
  /// the rows of `x` as bytes for int8 weights, rounded for bfloat16 weights, and widened panels for
  /// float16 weights.
  package func apply(
    to x: Matrix<Float>, columns: Range<Int>? = nil, epilogue: LinearEpilogue = .bias,
    into out: Matrix<Float>, _ kernels: Kernels, _ scratch: ActivationScratch,
    _ worker: inout Worker
  ) {
    let columns = columns ?? 0..<outputs
    requirePrecondition(
      x.columns == inputs && out.rows >= x.rows && columns.upperBound <= outputs,
      "a product of \(x.rows) x \(x.columns) by a layer of \(outputs) x \(inputs)")
    guard x.rows > 0 else { return }
    let products = kernels.table.products
    switch weights {
    case .packed(let packed):
      let seen = packed.prefix(columns: columns.upperBound)
      parallelFor(x.rows, products.panels(columns), &worker) { rows, panels in
        multiply(
          x.rows(rows), seen, panels, epilogue.rows(rows), scratch, out.rows(rows), products)
      }
    case .bfloat16(let packed):
      let bfloat16 = kernels.bfloat16
      let rounded = scratch.bfloat16Matrix(rows: x.rows, columns: x.columns)
      worker.parallelFor(x.rows) { rows in bfloat16.round(x.rows(rows), rounded.rows(rows)) }
      let seen = packed.prefix(columns: columns.upperBound)
      parallelFor(x.rows, products.panels(columns), &worker) { rows, panels in
        bfloat16.multiply(
          rounded.rows(rows), seen, bias, epilogue.rows(rows), panels, out.rows(rows))
      }
    case .quantized(let quantized):
      let bytes = scratch.matrix(
        rows: x.rows, columns: x.columns * products.bytesPerActivation)
      worker.parallelFor(x.rows) { rows in
        products.quantize(x.rows(rows), bytes.rows(rows), scratch.scales + rows.lowerBound)
      }
      let seen = quantized.prefix(columns: columns.upperBound)
      parallelFor(x.rows, products.panels(columns), &worker) { rows, panels in
        products.multiplyInt8(
          bytes.rows(rows), scratch.scales + rows.lowerBound, seen, bias, epilogue.rows(rows),
          panels, out.rows(rows))
      }
    case .rows(let rows):
      guard let blas = kernels.blas else {
        stop("weights laid out for CBLAS need kernels with CBLAS")
      }
      worker.parallelFor((columns.count + Self.columnsForCBLAS - 1) / Self.columnsForCBLAS) {
        parts in
        let first = columns.lowerBound + parts.lowerBound * Self.columnsForCBLAS
        let last = min(
          columns.upperBound, columns.lowerBound + parts.upperBound * Self.columnsForCBLAS)
        multiply(x, rows, first..<last, epilogue, out, products, blas)
      }
    }
  }

  /// CBLAS packs its operands again for every product, which takes too long for fewer columns.
  private static let columnsForCBLAS = 192

  /// Rows that stay in the L2 cache while all panels are multiplied.
  private static let maxRows = 192

  /// Divides a product among the workers: blocks of rows, and the panels of each.
  private func parallelFor(
    _ rowCount: Int, _ panels: Range<Int>, _ worker: inout Worker,
    _ body: (_ rows: Range<Int>, _ panels: Range<Int>) -> Void
  ) {
    // For a single worker the kernel itself blocks the rows.
    let parts = worker.isAlone ? 1 : (rowCount + Self.maxRows - 1) / Self.maxRows
    let blockRows = ((rowCount + parts - 1) / parts + 11) / 12 * 12
    let blocks = (rowCount + blockRows - 1) / blockRows
    worker.parallelFor(blocks * panels.count) { units in
      for block in units.lowerBound / panels.count...(units.upperBound - 1) / panels.count {
        let first = block * panels.count
        let mine = units.clamped(to: first..<first + panels.count)
        let offset = panels.lowerBound - first
        body(
          block * blockRows..<min(rowCount, (block + 1) * blockRows),
          mine.lowerBound + offset..<mine.upperBound + offset)
      }
    }
  }

  private func multiply(
    _ x: Matrix<Float>, _ packed: PackedMatrix, _ panels: Range<Int>, _ epilogue: LinearEpilogue,
    _ scratch: ActivationScratch, _ out: Matrix<Float>, _ products: ProductKernels
  ) {
    if packed.wordBytes == 2, let multiplyFloat16 = products.multiplyFloat16 {
      return multiplyFloat16(x, packed, bias, epilogue, panels, scratch.panel, out)
    }
    products.multiply(x, packed, bias, epilogue, panels, out)
  }

  private func multiply(
    _ x: Matrix<Float>, _ rows: Matrix<Float>, _ columns: Range<Int>, _ epilogue: LinearEpilogue,
    _ out: Matrix<Float>, _ products: ProductKernels, _ blas: BLAS
  ) {
    let w = Matrix(
      rows.row(columns.lowerBound), rows: columns.count, columns: rows.columns,
      stride: rows.stride)
    let result = Matrix(
      out.pointer + columns.lowerBound, rows: x.rows, columns: columns.count, stride: out.stride)
    guard case .biasResidual(let residual) = epilogue else {
      blas.multiply(x, transposing: w, beta: 0, into: result)
      products.applyEpilogue(result, bias + columns.lowerBound, epilogue)
      return
    }
    if residual.pointer == out.pointer {
      blas.multiply(x, transposing: w, beta: 1, into: result)
      products.applyEpilogue(result, bias + columns.lowerBound, .bias)
    } else {
      let added = Matrix(
        residual.pointer + columns.lowerBound, rows: x.rows, columns: columns.count,
        stride: residual.stride)
      blas.multiply(x, transposing: w, beta: 0, into: result)
      products.applyEpilogue(result, bias + columns.lowerBound, .biasResidual(added))
    }
  }
}

/// Memory that products write besides their results.
package struct ActivationScratch {
  /// Activations as bytes, and their scales, or as bfloat16, while they are multiplied; shared by all
  /// workers.
  let bytes: UnsafeMutablePointer<UInt8>
  let scales: UnsafeMutablePointer<RowScale>
  /// A widened panel of weights, one for each worker.
  let panel: UnsafeMutablePointer<Float>

  package init(
    bytes: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<RowScale>,
    panel: UnsafeMutablePointer<Float>
  ) {
    self.bytes = bytes
    self.scales = scales
    self.panel = panel
  }

  /// For layers in training. Those of float32 need no bytes.
  package init(panel: UnsafeMutablePointer<Float>, bytes: UnsafeMutablePointer<UInt8>? = nil) {
    let raw = UnsafeMutableRawPointer(panel)
    self.init(
      bytes: bytes ?? raw.assumingMemoryBound(to: UInt8.self),
      scales: raw.assumingMemoryBound(to: RowScale.self), panel: panel)
  }

  func matrix(rows: Int, columns: Int) -> Matrix<UInt8> {
    Matrix(bytes, rows: rows, columns: columns, stride: Self.stride(columns: columns))
  }

  func bfloat16Matrix(rows: Int, columns: Int) -> Matrix<UInt16> {
    Matrix(
      UnsafeMutableRawPointer(bytes).assumingMemoryBound(to: UInt16.self), rows: rows,
      columns: columns, stride: Self.bfloat16Stride(columns: columns))
  }

  /// Bytes from one row to the next: whole cache lines.
  package static func stride(columns: Int) -> Int { (columns + 63) / 64 * 64 }

  /// Elements from one row to the next: an odd number of cache lines, so that rows don't share few sets
  /// of the first-level cache.
  package static func bfloat16Stride(columns: Int) -> Int { ((columns + 31) / 32 | 1) * 32 }

  /// Bytes for `rows` rows of activations as the products of training read them: each row by itself, or
  /// pairs of rows. 0 for float32.
  package static func trainingBytes(rows: Int, columns: Int, _ precision: Precision) -> Int {
    guard precision == .bfloat16 else { return 0 }
    return (rows + 1) / 2
      * max(4 * bfloat16Stride(columns: columns), 2 * bfloat16Stride(columns: 2 * columns))
  }

  /// The bytes that a row of activations takes in the form that products read; 0 for floats.
  package static func bytesPerRow(columns: Int, _ kernels: Kernels) -> Int {
    switch kernels.precision {
    case .float32: 0
    case .bfloat16: 2 * bfloat16Stride(columns: columns)
    case .int8: stride(columns: columns * kernels.table.products.bytesPerActivation)
    }
  }
}
