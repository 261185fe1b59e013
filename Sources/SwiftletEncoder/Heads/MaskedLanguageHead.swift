package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// The head of `DistilBertForMaskedLM` and `BertForMaskedLM`, over the rows of the masked tokens:
/// logits[M, vocabulary] = projector(norm(activation(transform(h[M, dim])))). The word embeddings are
/// the projector's weights if the checkpoint has no others and `tie_word_embeddings` is true: with
/// precision int8 the floats that the embeddings in int8 stand for.
package struct MaskedLanguageHead: EncoderHead {
  private var storage: WeightStorage?
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
      configuration.parameters(of: .maskedLanguage), of: checkpoint, for: kernels.float32,
      precision: kernels.precision)
    try self.init(maskID: maskID, configuration, loader)
    storage = try loader.fill(on: pool)
  }

  /// Asks `loader` for the layers of the head. Its owner keeps their memory.
  init(
    maskID: Int32, _ configuration: ModelConfiguration, _ loader: WeightLoader
  ) throws(CheckpointError) {
    let names = configuration.architecture.maskedLanguageHead
    transform = try loader.linear(names.transform)
    norm = try loader.norm(names.norm, epsilon: configuration.normEpsilon)
    projector = try loader.linear(names.projector)
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

// MARK: Training

extension MaskedLanguageHead: TrainableHead {
  /// One row for each token whose word is to be guessed.
  package func trainingRows(_ batch: TrainingBatch) -> Int { batch.guessedTokens.count }

  package func forward(
    _ kept: HeadActivations, _ batch: TrainingBatch, _ pass: inout TrainingPass
  ) {
    let tokens = batch.guessedTokens
    let rows = pass.buffers.shared(.headRows, tokens.count)
    pass.parallelFor(tokens.count) { part in
      for index in part {
        rows.row(index).update(from: kept.rows.row(tokens[index]), count: rows.columns)
      }
    }
    let activated = pass.buffers.shared(.headActivated, tokens.count)
    let normalized = pass.buffers.shared(.headNormalized, tokens.count)
    pass.linear(
      transform, rows, then: activation, keeping: pass.buffers.shared(.headDense, tokens.count),
      into: activated)
    norm.forward(activated, into: normalized, pass.buffers.headNorm, &pass)
    pass.linear(projector, normalized, into: kept.output)
  }

  package func backward(
    _ g: Matrix<Float>, _ kept: HeadActivations, _ batch: TrainingBatch,
    _ pass: inout TrainingPass
  ) {
    let tokens = batch.guessedTokens
    // logits = projector(normalized)
    pass.addGradients(
      of: projector, g, from: pass.buffers.shared(.headNormalized, tokens.count))
    let dTransformed = pass.buffers.shared(.headGradient, tokens.count)
    pass.inputGradient(of: projector, g, into: dTransformed)
    // normalized = norm(activation(transform(rows)))
    norm.backward(
      dTransformed, of: pass.buffers.shared(.headActivated, tokens.count), pass.buffers.headNorm,
      &pass)
    pass.differentiate(
      activation, dTransformed, at: pass.buffers.shared(.headDense, tokens.count))
    pass.addGradients(
      of: transform, dTransformed, from: pass.buffers.shared(.headRows, tokens.count))
    let dGuessed = pass.gradient(.dropped, rows: tokens.count)
    pass.inputGradient(of: transform, dTransformed, into: dGuessed)
    // The other tokens have no gradient.
    let dRows = pass.gradient(.hidden, rows: kept.rows.rows)
    pass.parallelFor(dRows.rows) { part in
      for row in part { dRows.row(row).update(repeating: 0, count: dRows.columns) }
    }
    pass.parallelFor(tokens.count) { part in
      for index in part {
        dRows.row(tokens[index]).update(from: dGuessed.row(index), count: dRows.columns)
      }
    }
  }
}
