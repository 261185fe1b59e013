import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime

/// An encoder whose weights do not change, and what it computes for a text: the first token's last row, or
/// the pooled row of a BERT with a pooler.
final class FeatureEncoder {
  let network: any TrainableNetwork
  let width: Int
  /// Whether the features have passed the pooler of the base.
  let isPooled: Bool

  /// The features of the first token in a model that is loaded already.
  init(_ network: ModelNetwork<SentenceHead>) {
    self.network = network
    width = network.model.head.outputWidth
    isPooled = false
  }

  /// Loads the base, with its pooler if it is a BERT that has one. A sentence model does not use its pooler,
  /// which was not trained with the rest.
  init(_ context: TrainingContext) throws(TrainingError) {
    let base = context.base
    isPooled =
      base.configuration.architecture == .bert && base.files.folder.modules.isEmpty
      && base.checkpoint.resolvedName(Architecture.bert.pooler + ".weight") != nil
    width = base.configuration.hiddenSize
    let precision = context.request.options.kernelPrecision
    do throws(CheckpointError) {
      network =
        try isPooled
        ? ModelNetwork(
          Self.pooled(context, precision), dropout: context.configuration.dropout, seed: 0,
          evaluationPrecision: precision)
        : ModelNetwork(
          TrainableModel(
            firstTokenOf: context.configuration, base.checkpoint,
            TrainableModelOptions(
              setup: TrainingSetup(trains: { _ in false }) { _, _ in }, pool: context.pool,
              recomputes: true, precision: precision)),
          dropout: context.configuration.dropout, seed: 0, evaluationPrecision: precision)
    } catch {
      throw TrainingError(reading: error)
    }
  }

  /// A classifier with the identity as its last layer, whose logits are the pooled row, bit for bit.
  private static func pooled(
    _ context: TrainingContext, _ precision: SwiftletRuntime.Precision
  ) throws(CheckpointError) -> TrainableModel<SequenceClassificationHead> {
    var configuration = context.configuration
    let width = configuration.hiddenSize
    configuration.labels = (0..<width).map { "\($0)" }
    let setup = TrainingSetup(
      trains: { _ in false }, isNew: { $0.name.hasPrefix(Architecture.classifier + ".") }
    ) { parameter, values in
      values.update(repeating: 0)
      guard parameter.role == .linearWeight else { return }
      for index in 0..<width { values[index * width + index] = 1 }
    }
    return try TrainableModel(
      .sequenceClassification, configuration, context.base.checkpoint,
      TrainableModelOptions(
        setup: setup, pool: context.pool, recomputes: true, precision: precision))
  }

  /// Calls `body` with the place of each example in `examples` and its features, in order. A pass has at
  /// most `passTokens` tokens, or one example.
  func forEachRow<Objective: TrainingObjective>(
    of examples: [Int], _ objective: Objective, batchSize: Int, passTokens: Int,
    unless cancellation: Cancellation,
    _ body: (_ place: Int, _ row: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    func run(_ network: some TrainableNetwork) throws {
      try GroupRunner(network, budget: passTokens, cancellation: cancellation)
        .forEachRow(of: examples, objective, batchSize: batchSize, body)
    }
    try run(network)
  }
}

extension TrainableModel where Head == SentenceHead {
  /// The body, whose output is the last row of the first token of each text.
  convenience init(
    firstTokenOf configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    _ options: TrainableModelOptions
  ) throws(CheckpointError) {
    try self.init(
      poolings: [.cls], dense: nil, normalizes: false, configuration, checkpoint, options)
  }
}
