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
  /// `token_type_embeddings` [type_vocab_size, dim], which DistilBERT doesn't have
  let type: Matrix<Float>?
  let norm: NormWeights
}

/// `transformer.layer.N.`, in BERT `encoder.layer.N.`
struct LayerWeights: Sendable {
  /// `attention.q_lin`, `.k_lin` and `.v_lin`, or `attention.self.query`, `.key` and `.value`, as one:
  /// [3 dim, dim]
  let queryKeyValue: Linear
  /// `attention.out_lin`, `attention.output.dense`
  let attentionOutput: Linear
  /// `sa_layer_norm`, `attention.output.LayerNorm`
  let attentionNorm: NormWeights
  /// `ffn.lin1`, `intermediate.dense`
  let inner: Linear
  /// `ffn.lin2`, `output.dense`
  let outer: Linear
  /// `output_layer_norm`, `output.LayerNorm`
  let outputNorm: NormWeights
}
