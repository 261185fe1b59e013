/// The products of linear layers.
package struct ProductKernels: Sendable {
  /// out[M, N] = epilogue(x[M, K] w[K, N] + bias[N]) for a range of the panels of w.
  package typealias Multiply =
    @Sendable (
      _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
      _ epilogue: LinearEpilogue, _ panels: Range<Int>, _ out: Matrix<Float>
    ) -> Void
  /// The product for weights that are stored as float16: the same bits as with the weights widened
  /// beforehand. `scratch` has room for a panel as float32.
  package typealias MultiplyFloat16 =
    @Sendable (
      _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
      _ epilogue: LinearEpilogue, _ panels: Range<Int>, _ scratch: UnsafeMutablePointer<Float>,
      _ out: Matrix<Float>
    ) -> Void
  /// The product for int8: x as bytes with a scale for each row; see `Quantization`.
  package typealias MultiplyInt8 =
    @Sendable (
      _ x: Matrix<UInt8>, _ scales: UnsafePointer<RowScale>, _ weights: QuantizedMatrix,
      _ bias: UnsafePointer<Float>, _ epilogue: LinearEpilogue, _ panels: Range<Int>,
      _ out: Matrix<Float>
    ) -> Void
  /// See `Quantization`.
  package typealias Quantize =
    @Sendable (
      _ x: Matrix<Float>, _ bytes: Matrix<UInt8>, _ scales: UnsafeMutablePointer<RowScale>
    ) -> Void
  /// The epilogue of a product whose sums another library left in `out`.
  package typealias ApplyEpilogue =
    @Sendable (
      _ out: Matrix<Float>, _ bias: UnsafePointer<Float>, _ epilogue: LinearEpilogue
    ) -> Void

  /// The columns of a tile, and the panel width of packed float32 weights.
  package let panelWidth: Int
  /// Bytes of a row for each activation of an int8 product.
  package let bytesPerActivation: Int
  package let multiply: Multiply
  /// nil if the instruction set can't convert float16.
  package let multiplyFloat16: MultiplyFloat16?
  package let multiplyInt8: MultiplyInt8
  package let quantize: Quantize
  package let applyEpilogue: ApplyEpilogue

  package init(
    panelWidth: Int, bytesPerActivation: Int, multiply: @escaping Multiply,
    multiplyFloat16: MultiplyFloat16?, multiplyInt8: @escaping MultiplyInt8,
    quantize: @escaping Quantize, applyEpilogue: @escaping ApplyEpilogue
  ) {
    self.panelWidth = panelWidth
    self.bytesPerActivation = bytesPerActivation
    self.multiply = multiply
    self.multiplyFloat16 = multiplyFloat16
    self.multiplyInt8 = multiplyInt8
    self.quantize = quantize
    self.applyEpilogue = applyEpilogue
  }

  /// The panels that contain a range of columns.
  package func panels(_ columns: Range<Int>) -> Range<Int> {
    columns.lowerBound / panelWidth..<(columns.upperBound + panelWidth - 1) / panelWidth
  }
}
