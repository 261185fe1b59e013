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

  package var rowKind: OutputRowKind { .sequence }
  package var reads: OutputRows { .firstTokens }
  package var outputWidth: Int { classifier.outputs }
  package func outputRows(_ batch: PackedSlice) -> Int { batch.sequenceCount }

  /// `.multipleChoice` has one output, `.sequenceClassification` one for each label.
  package init(
    _ head: ModelHead = .sequenceClassification, configuration: ModelConfiguration,
    checkpoint: CheckpointReader, kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    let loader = try WeightLoader(
      configuration.parameters(of: head), of: checkpoint, for: kernels.float32)
    pooler = try Pooler(configuration, loader)
    classifier = try loader.linear(Architecture.classifier)
    storage = try loader.fill(on: pool)
  }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into logits: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    let pooled = pooler.forward(rows, &pass)
    pass.linear(classifier, pooled, into: Matrix(logits, rows: rows.rows, columns: outputWidth))
  }
}
