package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// The head of `DistilBertForMaskedLM` and `BertForMaskedLM`, over the rows of the masked tokens:
/// logits[M, vocabulary] = projector(norm(activation(transform(h[M, dim])))). The projector's weights
/// are those of the word embeddings where the checkpoint has no others and `tie_word_embeddings` does
/// not say that it must.
package struct MaskedLanguageHead: EncoderHead {
  private let storage: WeightStorage
  private let transform: Linear
  private let norm: LayerNorm
  private let projector: Linear
  private let activation: Activation
  private let maskID: Int

  package var reads: OutputRows { .allTokens }
  package var outputWidth: Int { projector.outputs }

  package func outputRows(_ batch: PackedSlice) -> Int {
    var count = 0
    for token in 0..<batch.tokenCount where batch.id(token) == maskID { count += 1 }
    return count
  }

  package init(
    maskID: Int32, configuration: ModelConfiguration, checkpoint: CheckpointReader,
    kernels: Kernels, pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    let names = Names(configuration.architecture, checkpoint)
    let isTied = configuration.tiesWordEmbeddings && !checkpoint.contains(names.projector)
    let weight = isTied ? "embeddings.word_embeddings.weight" : names.projector
    try checkpoint.require(
      [names.transform, names.norm].flatMap { ["\($0).weight", "\($0).bias"] }
        + [names.projectorBias, weight])
    let storage = WeightStorage()
    let dimension = configuration.dimension
    // A few rows a pass: nothing to gain from int8.
    let kernels = kernels.float32
    transform = try checkpoint.linear(
      [names.transform], inputs: dimension, outputs: dimension, in: storage, for: kernels)
    norm = try checkpoint.norm(
      names.norm, count: dimension, epsilon: configuration.normEpsilon, in: storage)
    projector = try checkpoint.linear(
      weight: weight, bias: names.projectorBias, inputs: dimension,
      outputs: configuration.vocabularySize, isShared: isTied, in: storage, for: kernels)
    try reserving { () throws(MemoryError) in try storage.fill(on: pool) }
    self.storage = storage
    self.maskID = Int(maskID)
    activation = Activation(configuration.activation)
  }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    let count = outputRows(batch)
    guard count > 0 else { return }
    let masked = pass.buffers.matrix(.masked, rows: count)
    let transformed = pass.buffers.matrix(.transformed, rows: count)
    pass.share(1) { _ in
      var row = 0
      for token in 0..<batch.tokenCount where batch.id(token) == maskID {
        masked.row(row).update(from: rows.row(token), count: rows.columns)
        row += 1
      }
    }
    pass.linear(transform, masked, then: activation, into: transformed)
    norm.forward(transformed, into: masked, &pass)
    pass.linear(projector, masked, into: Matrix(output, rows: count, columns: outputWidth))
  }

  /// What checkpoints call the parts.
  private struct Names {
    let transform: String
    let norm: String
    let projector: String
    let projectorBias: String

    init(_ architecture: Architecture, _ checkpoint: CheckpointReader) {
      transform = architecture.maskTransform
      switch architecture {
      case .distilBERT:
        norm = "vocab_layer_norm"
        projector = "vocab_projector.weight"
        projectorBias = "vocab_projector.bias"
      case .bert:
        norm = "cls.predictions.transform.LayerNorm"
        projector = "cls.predictions.decoder.weight"
        // Where they are not tied, transformers adds the decoder's own.
        projectorBias =
          checkpoint.contains("cls.predictions.decoder.bias")
          ? "cls.predictions.decoder.bias" : "cls.predictions.bias"
      }
    }
  }
}
