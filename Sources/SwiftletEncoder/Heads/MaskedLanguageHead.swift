package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// The head of `DistilBertForMaskedLM` and `BertForMaskedLM`, over the rows of the masked tokens:
/// logits[M, vocabulary] = projector(norm(activation(transform(h[M, dim])))). The word embeddings are
/// the projector's weights if the checkpoint has no others and `tie_word_embeddings` is true.
package struct MaskedLanguageHead: EncoderHead {
  private let storage: WeightStorage
  private let transform: Linear
  private let norm: LayerNorm
  private let projector: Linear
  private let activation: Activation
  private let maskID: Int

  package var rowKind: OutputRowKind { .maskedToken }
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
    // A few rows a pass: int8 would gain nothing.
    let loader = try WeightLoader(
      configuration.parameters(of: .maskedLanguage), of: checkpoint, for: kernels.float32)
    let names = configuration.architecture.maskedLanguageHead
    transform = try loader.linear(names.transform)
    norm = try loader.norm(names.norm, epsilon: configuration.normEpsilon)
    projector = try loader.linear(names.projector)
    storage = try loader.fill(on: pool)
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
    pass.parallelFor(1) { _ in
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
}
