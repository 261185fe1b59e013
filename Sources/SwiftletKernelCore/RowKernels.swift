/// The kernels that compute each row independently.
package struct RowKernels: Sendable {
  /// rows[i, j] = activation(rows[i, j])
  package typealias Activate = @Sendable (_ rows: Matrix<Float>, _ activation: Activation) -> Void
  /// See `LayerNorm`.
  package typealias Normalize =
    @Sendable (
      _ input: Matrix<Float>, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
      _ epsilon: Float, _ output: Matrix<Float>
    ) -> Void
  /// See `EmbeddingSum`.
  package typealias Embed =
    @Sendable (
      _ words: QuantizedRows, _ id: Int, _ kind: UnsafePointer<Float>?,
      _ position: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
    ) -> Void
  /// Prefetches memory.
  package typealias Prefetch = @Sendable (_ pointer: UnsafeRawPointer, _ byteCount: Int) -> Void

  package let activate: Activate
  package let layerNorm: Normalize
  package let embed: Embed
  package let prefetch: Prefetch

  package init(
    activate: @escaping Activate, layerNorm: @escaping Normalize, embed: @escaping Embed,
    prefetch: @escaping Prefetch
  ) {
    self.activate = activate
    self.layerNorm = layerNorm
    self.embed = embed
    self.prefetch = prefetch
  }
}
