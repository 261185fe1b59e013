import SwiftletKernels
import SwiftletMemory

/// A layer normalisation's weight and bias, both [dim].
struct NormWeights: Sendable {
  nonisolated(unsafe) let weight: UnsafePointer<Float>
  nonisolated(unsafe) let bias: UnsafePointer<Float>
}

/// `embeddings.`
struct EmbeddingWeights: Sendable {
  /// [vocab_size, dim]
  let word: Matrix<Float>
  /// [max_position_embeddings, dim]
  let position: Matrix<Float>
  let norm: NormWeights
}

/// `transformer.layer.N.`
struct LayerWeights: Sendable {
  /// `attention.q_lin`, `.k_lin` and `.v_lin` as one: [3 dim, dim]
  let queryKeyValue: Linear
  /// `attention.out_lin`
  let attentionOutput: Linear
  /// `sa_layer_norm`
  let attentionNorm: NormWeights
  /// `ffn.lin1`
  let inner: Linear
  /// `ffn.lin2`
  let outer: Linear
  /// `output_layer_norm`
  let outputNorm: NormWeights
}
