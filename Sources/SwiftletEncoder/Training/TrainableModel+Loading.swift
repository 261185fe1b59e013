package import SwiftletCheckpoint
import SwiftletKernelCore
package import SwiftletRuntime

extension TrainableModel {
  /// Loads the body and a head with `parameters` for training. Parameters of the head that the checkpoint
  /// lacks get new values. The parameters of a `module` have another checkpoint, which `makeHead` reads.
  private convenience init(
    _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    head parameters: [Parameter], module: [Parameter] = [],
    _ options: TrainableModelOptions,
    makeHead: (WeightLoader, TrainedTensors) throws(CheckpointError) -> Head
  ) throws(CheckpointError) {
    guard !checkpoint.isQuantized else { throw .alreadyQuantized(path: checkpoint.directory) }
    let kernels: Kernels
    do throws(KernelsError) {
      // The weights themselves stay float32 in every precision.
      kernels = try Kernels(
        instructionSet: options.instructionSet ?? environment("SWIFTLET_ISA"), backend: .native,
        precision: options.precision
      ).float32
    } catch {
      throw .kernels(reason: error.description)
    }
    let trained = TrainedTensors(
      options.setup, options.precision, head: parameters, of: checkpoint)
    let loader = try WeightLoader(
      configuration.parameters() + parameters, of: checkpoint, for: kernels, training: trained)
    var head: Head?
    let encoder = try Encoder(configuration, loader, kernels: kernels, pool: options.pool) {
      (loader) throws(CheckpointError) in
      head = try makeHead(loader, trained)
    }
    guard let head else { throw .missingTensors(path: checkpoint.directory, names: []) }
    self.init(
      encoder: encoder, head: head, trained: trained,
      parameters: configuration.parameters() + parameters + module, options)
  }
}

/// How a model is loaded for training.
package struct TrainableModelOptions: Sendable {
  package var setup: TrainingSetup
  package var pool: WorkerPool
  /// Whether the backward pass computes the activations of each layer again, instead of keeping them:
  /// less memory for a third more work.
  package var recomputes: Bool
  /// The precision of the products in the body's layers, forward and backward: float32, or bfloat16 with
  /// sums of float32. Everything else is float32.
  package var precision: Precision
  /// Nil takes the best one, or that of `SWIFTLET_ISA`.
  package var instructionSet: String?

  package init(
    setup: TrainingSetup, pool: WorkerPool, recomputes: Bool = false,
    precision: Precision = .float32, instructionSet: String? = nil
  ) {
    self.setup = setup
    self.pool = pool
    self.recomputes = recomputes
    self.precision = precision
    self.instructionSet = instructionSet
  }
}

extension TrainableModel where Head == SequenceClassificationHead {
  /// `head` is `.sequenceClassification` or `.multipleChoice`.
  package convenience init(
    _ head: ModelHead = .sequenceClassification, _ configuration: ModelConfiguration,
    _ checkpoint: CheckpointReader, _ options: TrainableModelOptions
  ) throws(CheckpointError) {
    try self.init(
      configuration, checkpoint, head: configuration.parameters(of: head), options
    ) { (loader, _) throws(CheckpointError) in
      try SequenceClassificationHead(configuration, loader)
    }
  }
}

extension TrainableModel where Head == TokenHead {
  /// `head` is `.tokenClassification` or `.questionAnswering`.
  package convenience init(
    _ head: ModelHead, _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    _ options: TrainableModelOptions
  ) throws(CheckpointError) {
    try self.init(
      configuration, checkpoint, head: configuration.parameters(of: head), options
    ) { (loader, _) throws(CheckpointError) in try TokenHead(head, loader) }
  }
}

extension TrainableModel where Head == MaskedLanguageHead {
  package convenience init(
    maskID: Int32, _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    _ options: TrainableModelOptions
  ) throws(CheckpointError) {
    try self.init(
      configuration, checkpoint, head: configuration.parameters(of: .maskedLanguage), options
    ) { (loader, _) throws(CheckpointError) in
      try MaskedLanguageHead(maskID: maskID, configuration, loader)
    }
  }
}

extension TrainableModel where Head == SentenceHead {
  /// A dense layer has its own folder, and its own memory.
  package convenience init(
    poolings: [Pooling], dense module: SentenceHead.DenseModule?, normalizes: Bool,
    _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    _ options: TrainableModelOptions
  ) throws(CheckpointError) {
    try self.init(
      configuration, checkpoint, head: [], module: module?.parameters ?? [], options
    ) {
      (loader, trained) throws(CheckpointError) in
      try SentenceHead(
        poolings: poolings, dense: module, normalizes: normalizes, configuration: configuration,
        kernels: loader.kernels, pool: options.pool, training: trained)
    }
  }
}
