package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// The head of `DistilBertForSequenceClassification` and `BertForSequenceClassification`:
/// logits[S, labels] = classifier(pooler(h[S, dim])), h being the first rows.
package struct SequenceClassificationHead: EncoderHead {
  private let storage: WeightStorage
  /// `pre_classifier`, `pooler.dense`
  private let pooler: Pooler
  /// `classifier`
  private let classifier: Linear

  package var reads: OutputRows { .firstTokens }
  package var outputWidth: Int { classifier.outputs }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.sequenceCount }

  /// `outputs` overrides the label count of the configuration.
  package init(
    outputs: Int? = nil, configuration: ModelConfiguration, checkpoint: CheckpointReader,
    kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    try checkpoint.require(
      Pooler.tensorNames(configuration.architecture) + ["classifier.weight", "classifier.bias"])
    let storage = WeightStorage()
    pooler = try Pooler(
      configuration: configuration, checkpoint: checkpoint, storage: storage, kernels: kernels)
    classifier = try checkpoint.linear(
      ["classifier"], inputs: configuration.dimension,
      outputs: outputs ?? configuration.labels.count,
      in: storage, for: kernels.float32)
    try reserving { () throws(MemoryError) in try storage.fill(on: pool) }
    self.storage = storage
  }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into logits: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    let pooled = pooler.forward(rows, &pass)
    pass.linear(classifier, pooled, into: Matrix(logits, rows: rows.rows, columns: outputWidth))
  }
}
