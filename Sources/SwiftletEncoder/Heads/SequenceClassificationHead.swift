package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// The head of `DistilBertForSequenceClassification` and `BertForSequenceClassification`:
/// logits[S, labels] = classifier(pooler(h[S, dim])), h being the first rows.
package struct SequenceClassificationHead: EncoderHead {
  private var storage: WeightStorage?
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
    try self.init(configuration, loader)
    storage = try loader.fill(on: pool)
  }

  /// Asks `loader` for the layers of the head. Its owner keeps their memory.
  init(_ configuration: ModelConfiguration, _ loader: WeightLoader) throws(CheckpointError) {
    pooler = try Pooler(configuration, loader)
    classifier = try loader.linear(Architecture.classifier)
  }

  package func forward(
    _ rows: Matrix<Float>, of batch: PackedSlice, into logits: UnsafeMutablePointer<Float>,
    _ pass: inout ForwardPass
  ) {
    let pooled = pooler.forward(rows, &pass)
    pass.linear(classifier, pooled, into: Matrix(logits, rows: rows.rows, columns: outputWidth))
  }
}

// MARK: Training

extension SequenceClassificationHead: TrainableHead {
  package func forward(
    _ kept: HeadActivations, _ batch: TrainingBatch, _ pass: inout TrainingPass
  ) {
    let pooled = pooler.forward(kept.rows, &pass)
    if let dropout = kept.dropout.sequenceHead {
      pass.drop(pooled, dropout, RowKeys(pointer: pass.buffers.firstTokenKeys), into: pooled)
    }
    pass.linear(classifier, pooled, into: kept.output)
  }

  package func backward(
    _ g: Matrix<Float>, _ kept: HeadActivations, _ batch: TrainingBatch,
    _ pass: inout TrainingPass
  ) {
    // logits = classifier(dropout(pooled))
    let count = kept.rows.rows
    pass.addGradients(of: classifier, g, from: pass.buffers.shared(.headActivated, count))
    let dPooled = pass.buffers.shared(.headGradient, count)
    pass.inputGradient(of: classifier, g, into: dPooled)
    if let dropout = kept.dropout.sequenceHead {
      pass.drop(dPooled, dropout, RowKeys(pointer: pass.buffers.firstTokenKeys), into: dPooled)
    }
    // pooled = pooler(rows)
    pooler.backward(dPooled, from: kept.rows, into: pass.gradient(.hidden, rows: count), &pass)
  }
}
