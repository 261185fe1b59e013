package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// One linear layer over the row of every token: logits[T, N] = layer(h[T, dim]).
///
/// The `classifier` of `DistilBertForTokenClassification` and the `qa_outputs` of
/// `DistilBertForQuestionAnswering`; BERT's have the same names.
package struct TokenHead: EncoderHead {
  private var storage: WeightStorage?
  private let layer: Linear
  private let isQuestion: Bool

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
    try self.init(head, loader)
    storage = try loader.fill(on: pool)
  }

  /// Asks `loader` for the layer of the head. Its owner keeps the memory.
  init(_ head: ModelHead, _ loader: WeightLoader) throws(CheckpointError) {
    isQuestion = head == .questionAnswering
    layer = try loader.linear(isQuestion ? Architecture.questionLayer : Architecture.classifier)
  }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into output: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    pass.linear(layer, rows, into: Matrix(output, rows: rows.rows, columns: outputWidth))
  }
}

// MARK: Training

extension TokenHead: TrainableHead {
  package func forward(
    _ kept: HeadActivations, _ batch: TrainingBatch, _ pass: inout TrainingPass
  ) {
    var rows = kept.rows
    if let dropout = dropout(kept) {
      rows = pass.buffers.shared(.headInput, rows.rows)
      pass.drop(kept.rows, dropout, RowKeys(pointer: pass.buffers.tokenKeys), into: rows)
    }
    pass.linear(layer, rows, into: kept.output)
  }

  package func backward(
    _ g: Matrix<Float>, _ kept: HeadActivations, _ batch: TrainingBatch,
    _ pass: inout TrainingPass
  ) {
    // logits = layer(dropout(rows))
    let count = kept.rows.rows
    let dRows = pass.gradient(.hidden, rows: count)
    let dropout = dropout(kept)
    pass.addGradients(
      of: layer, g, from: dropout == nil ? kept.rows : pass.buffers.shared(.headInput, count))
    pass.inputGradient(of: layer, g, into: dRows)
    guard let dropout else { return }
    pass.drop(dRows, dropout, RowKeys(pointer: pass.buffers.tokenKeys), into: dRows)
  }

  private func dropout(_ kept: HeadActivations) -> Dropout? {
    isQuestion ? kept.dropout.questionHead : kept.dropout.tokenHead
  }
}
