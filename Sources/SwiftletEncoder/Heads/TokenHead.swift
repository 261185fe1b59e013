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

  package var rowKind: OutputRowKind { .token }
  package var reads: OutputRows { .allTokens }
  package var outputWidth: Int { layer.outputs }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.tokenCount }

  /// `head` is `.tokenClassification` or `.questionAnswering`.
  package init(
    _ head: ModelHead, configuration: ModelConfiguration, checkpoint: CheckpointReader,
    kernels: Kernels, pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    // A few outputs: int8 would gain nothing.
    let loader = try WeightLoader(
      configuration.parameters(of: head), of: checkpoint, for: kernels.float32)
    layer = try loader.linear(
      head == .questionAnswering ? Architecture.questionLayer : Architecture.classifier)
    storage = try loader.fill(on: pool)
  }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    pass.linear(layer, rows, into: Matrix(output, rows: rows.rows, columns: outputWidth))
  }
}
