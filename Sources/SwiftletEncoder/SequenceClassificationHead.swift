package import SwiftletKernels
import SwiftletKernelCore
package import SwiftletMemory

/// The head of `DistilBertForSequenceClassification` and `BertForSequenceClassification`:
/// logits[S, labels] = classifier(pooler(h[S, dim])), h being the first rows.
package struct SequenceClassificationHead: Sendable {
  private let storage: WeightStorage
  /// `pre_classifier`, `pooler.dense`
  private let pooler: Pooler
  /// `classifier`
  private let classifier: Linear

  package var labelCount: Int { classifier.outputs }

  package init(
    configuration: ModelConfiguration, checkpoint: CheckpointReader, kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(EncoderError) {
    try checkpoint.require(
      Pooler.tensorNames(configuration.architecture) + ["classifier.weight", "classifier.bias"])
    let storage = WeightStorage()
    pooler = try Pooler(
      configuration: configuration, checkpoint: checkpoint, storage: storage, kernels: kernels)
    classifier = try checkpoint.linear(
      ["classifier"], inputs: configuration.dimension, outputs: configuration.labels.count,
      in: storage, for: kernels.float32)
    try reserving { () throws(MemoryError) in try storage.fill(on: pool) }
    self.storage = storage
  }

  /// Writes the logits of the first rows that ``Encoder/forward(_:reading:_:_:)`` left in the
  /// workspace; `logits` has `labelCount` floats for each. All members of a team call it.
  package func forward(
    _ rows: Matrix<Float>, into logits: UnsafeMutablePointer<Float>,
    _ workspace: borrowing Workspace, _ kernels: Kernels, _ member: inout TeamMember
  ) {
    let pooled = pooler.forward(rows, workspace, kernels, &member)
    Activations(kernels: kernels, scratch: workspace.activations(place: member.place)).apply(
      classifier, to: pooled, into: Matrix(logits, rows: rows.rows, columns: labelCount), &member)
  }
}
