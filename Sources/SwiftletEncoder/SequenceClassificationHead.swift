package import SwiftletKernels
import SwiftletKernelCore
package import SwiftletMemory

/// The head of `DistilBertForSequenceClassification`:
/// logits[S, labels] = classifier(relu(pre_classifier(h[S, dim]))), h being the first rows.
package struct SequenceClassificationHead: Sendable {
  private let storage: WeightStorage
  /// `pre_classifier`
  private let preClassifier: Linear
  /// `classifier`
  private let classifier: Linear

  package var labelCount: Int { classifier.outputs }

  package init(
    configuration: ModelConfiguration, checkpoint: CheckpointReader, kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(EncoderError) {
    try checkpoint.require(
      ["pre_classifier", "classifier"].flatMap { ["\($0).weight", "\($0).bias"] })
    let storage = WeightStorage()
    // A few rows a pass: nothing to gain from int8.
    let kernels = kernels.float32
    preClassifier = try checkpoint.linear(
      ["pre_classifier"], inputs: configuration.dimension, outputs: configuration.dimension,
      in: storage, for: kernels)
    classifier = try checkpoint.linear(
      ["classifier"], inputs: configuration.dimension, outputs: configuration.labels.count,
      in: storage, for: kernels)
    storage.fill(on: pool)
    self.storage = storage
  }

  /// Writes the logits of the first rows that ``Encoder/forward(_:reading:_:_:)`` left in the
  /// workspace; `logits` has `labelCount` floats for each. All members of a team call it.
  package func forward(
    _ rows: Matrix<Float>, into logits: UnsafeMutablePointer<Float>,
    _ workspace: borrowing Workspace, _ kernels: Kernels, _ member: inout TeamMember
  ) {
    let pooled = workspace.contextRows(rows.rows)
    let linear = Activations(kernels: kernels, scratch: workspace.activations(place: member.place))
    linear.apply(preClassifier, to: rows, into: pooled, &member)
    member.share(pooled.rows) { kernels.table.activate(pooled.rows($0), .relu) }
    linear.apply(
      classifier, to: pooled, into: Matrix(logits, rows: rows.rows, columns: labelCount), &member)
  }
}
