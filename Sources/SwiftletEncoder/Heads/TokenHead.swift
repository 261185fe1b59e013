package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// One linear layer over the row of every token: logits[T, N] = layer(h[T, dim]).
///
/// The `classifier` of `DistilBertForTokenClassification` and the `qa_outputs` of
/// `DistilBertForQuestionAnswering`; BERT's have the same names.
package struct TokenHead: EncoderHead {
  private let storage: WeightStorage
  private let layer: Linear

  package var reads: OutputRows { .allTokens }
  package var outputWidth: Int { layer.outputs }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.tokenCount }

  /// Reads the layer `name`, which must have as many outputs.
  package init(
    name: String, outputs: Int, configuration: ModelConfiguration, checkpoint: CheckpointReader,
    kernels: Kernels, pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    try checkpoint.require(["\(name).weight", "\(name).bias"])
    let storage = WeightStorage()
    // A few outputs: nothing to gain from int8.
    layer = try checkpoint.linear(
      [name], inputs: configuration.dimension, outputs: outputs, in: storage,
      for: kernels.float32)
    try reserving { () throws(MemoryError) in try storage.fill(on: pool) }
    self.storage = storage
  }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    pass.linear(layer, rows, into: Matrix(output, rows: rows.rows, columns: outputWidth))
  }
}
