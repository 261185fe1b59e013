package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
package import SwiftletSystem

/// The encoder of DistilBERT and BERT: token ids in, hidden rows out.
///
/// Immutable; any number of threads may share it. Each pass has its own ``Workspace``.
///
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
/// 2018; Sanh et al., "DistilBERT, a distilled version of BERT", 2019.
package final class Encoder: Sendable {
  package let configuration: ModelConfiguration
  package let kernels: Kernels
  private let storage: WeightStorage
  let embeddings: Embeddings
  let layers: [TransformerLayer]

  init(
    configuration: ModelConfiguration, kernels: Kernels, storage: WeightStorage,
    embeddings: Embeddings, layers: [TransformerLayer]
  ) {
    self.configuration = configuration
    self.kernels = kernels
    self.storage = storage
    self.embeddings = embeddings
    self.layers = layers
  }

  /// Bytes that were allocated for the weights, and in training for gradients and copies.
  var byteCount: Int { storage.byteCount }

  package func makeWorkspace(
    maxTokens: Int, workers: Int = 1
  ) throws(MemoryError) -> Workspace {
    try Workspace(
      maxTokens: maxTokens, workers: workers, configuration: configuration,
      kernels: kernels)
  }

  /// The last hidden rows [tokens or sequences, D], in a buffer that the next pass overwrites.
  ///
  /// The batch must fit the workspace, its sequences the model's positions, and its ids the vocabulary.
  /// The caller checks ids from outside with ``ModelConfiguration/problem(with:)``.
  package func forward(
    _ batch: PackedSlice, computing rows: OutputRows, _ pass: inout ForwardPass
  ) -> Matrix<Float> {
    requirePrecondition(
      batch.tokenCount <= pass.buffers.maxTokens, "the batch exceeds the workspace")
    var x = embeddings.forward(batch, &pass)
    for layer in layers.dropLast() { layer.forward(&x, batch, &pass) }
    layers.last?.forward(&x, batch, queries: rows, &pass)
    return x.rows(0..<(rows == .allTokens ? batch.tokenCount : batch.sequenceCount))
  }
}
