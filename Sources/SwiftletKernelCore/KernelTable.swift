import SwiftletMemory

/// How the sums of a linear layer are finished.
@usableFromInline
package enum LinearEnding {
  /// + bias
  case bias
  /// gelu(+ bias)
  case biasGELU
  /// + bias + residual; the residual has the shape of the output and may be it
  case biasResidual(Matrix<Float>)

  /// The ending of some of the rows.
  package func rows(_ range: Range<Int>) -> LinearEnding {
    guard case .biasResidual(let residual) = self else { return self }
    return .biasResidual(residual.rows(range))
  }
}

/// Every kernel of one instruction set. Chosen once at start, called a whole tensor at a time.
package struct KernelTable: Sendable {
  /// out[M, N] = ending(x[M, K] w[K, N] + bias[N]) for a range of the panels of w.
  package typealias Multiply =
    @Sendable (
      _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
      _ panels: Range<Int>, _ out: Matrix<Float>
    ) -> Void
  /// out[M, N] = x[M, K] w[K, N] + bias[N] + residual[M, N], likewise.
  package typealias MultiplyResidual =
    @Sendable (
      _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
      _ residual: Matrix<Float>, _ panels: Range<Int>, _ out: Matrix<Float>
    ) -> Void
  /// The same products for weights that are stored as float16: the same bits as with the weights
  /// widened beforehand. `scratch` has room for a panel as float32.
  package typealias MultiplyHalves =
    @Sendable (
      _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
      _ ending: LinearEnding, _ panels: Range<Int>, _ scratch: UnsafeMutablePointer<Float>,
      _ out: Matrix<Float>
    ) -> Void
  /// The same products for int8: x as bytes with a scale for each row; see `Quantization`.
  package typealias MultiplyInteger =
    @Sendable (
      _ x: Matrix<UInt8>, _ scales: UnsafePointer<RowScale>, _ weights: QuantizedMatrix,
      _ bias: UnsafePointer<Float>, _ ending: LinearEnding, _ panels: Range<Int>,
      _ out: Matrix<Float>
    ) -> Void
  /// See `Quantization`.
  package typealias Quantize =
    @Sendable (
      _ x: Matrix<Float>, _ bytes: Matrix<UInt8>, _ scales: UnsafeMutablePointer<RowScale>
    ) -> Void
  /// The endings of these products, for sums that another library left in `out`.
  package typealias Finish =
    @Sendable (
      _ out: Matrix<Float>, _ bias: UnsafePointer<Float>, _ ending: LinearEnding
    ) -> Void
  /// rows[i, j] = activation(rows[i, j])
  package typealias Activate = @Sendable (_ rows: Matrix<Float>, _ activation: Activation) -> Void
  /// See `LayerNorm`.
  package typealias Normalize =
    @Sendable (
      _ input: Matrix<Float>, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
      _ epsilon: Float, _ output: Matrix<Float>
    ) -> Void
  /// Asks for memory that will be read soon.
  package typealias Prefetch = @Sendable (_ pointer: UnsafeRawPointer, _ byteCount: Int) -> Void
  /// Floats of scratch that both kinds of attention need for a length and a head size.
  package typealias AttentionScratch = @Sendable (_ length: Int, _ headSize: Int) -> Int
  /// One head of one sequence; see `Attention`.
  package typealias Attend =
    @Sendable (
      _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>,
      _ output: Matrix<Float>, _ scale: Float, _ scratch: UnsafeMutablePointer<Float>
    ) -> Void

  package let name: String
  /// The columns of a tile, and the panel width in which the float32 products want their weights
  /// packed.
  package let panelWidth: Int
  /// Bytes of a row for each activation of an int8 product.
  package let bytesPerActivation: Int
  package let multiplyBias: Multiply
  package let multiplyBiasGELU: Multiply
  package let multiplyBiasResidual: MultiplyResidual
  /// nil where the instruction set can't widen.
  package let multiplyHalves: MultiplyHalves?
  package let multiplyInteger: MultiplyInteger
  package let quantize: Quantize
  package let finish: Finish
  package let activate: Activate
  package let layerNorm: Normalize
  package let attentionScratch: AttentionScratch
  package let attention: Attend
  /// See `IntegerAttention`; nil where the instruction set has no faster products for it.
  package let integerAttention: Attend?
  package let prefetch: Prefetch

  package init(
    name: String, panelWidth: Int, bytesPerActivation: Int, multiplyBias: @escaping Multiply,
    multiplyBiasGELU: @escaping Multiply, multiplyBiasResidual: @escaping MultiplyResidual,
    multiplyHalves: MultiplyHalves?, multiplyInteger: @escaping MultiplyInteger,
    quantize: @escaping Quantize, finish: @escaping Finish, activate: @escaping Activate,
    layerNorm: @escaping Normalize, attentionScratch: @escaping AttentionScratch,
    attention: @escaping Attend, integerAttention: Attend?, prefetch: @escaping Prefetch
  ) {
    self.name = name
    self.panelWidth = panelWidth
    self.bytesPerActivation = bytesPerActivation
    self.multiplyBias = multiplyBias
    self.multiplyBiasGELU = multiplyBiasGELU
    self.multiplyBiasResidual = multiplyBiasResidual
    self.multiplyHalves = multiplyHalves
    self.multiplyInteger = multiplyInteger
    self.quantize = quantize
    self.finish = finish
    self.activate = activate
    self.layerNorm = layerNorm
    self.attentionScratch = attentionScratch
    self.attention = attention
    self.integerAttention = integerAttention
    self.prefetch = prefetch
  }

  /// The tiles' columns that a range of columns falls into.
  package func panels(_ columns: Range<Int>) -> Range<Int> {
    columns.lowerBound / panelWidth..<(columns.upperBound + panelWidth - 1) / panelWidth
  }
}
