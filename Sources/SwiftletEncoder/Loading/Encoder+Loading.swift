package import SwiftletCheckpoint
import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

extension Encoder {
  /// Reads the body of a checkpoint on all threads of `pool`. One error names all missing tensors;
  /// shapes are checked before any memory is allocated.
  package convenience init(
    configuration: ModelConfiguration, checkpoint: CheckpointReader, kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    if checkpoint.isQuantized, kernels.precision != .int8 {
      throw .alreadyQuantized(path: checkpoint.directory)
    }
    let parameters = configuration.parameters().filter {
      !checkpoint.isQuantized || !$0.isQuantized
    }
    let loader = try WeightLoader(
      parameters, quantized: checkpoint.isQuantized ? QuantizedFormat.layers(configuration) : [],
      of: checkpoint, for: kernels)
    try self.init(configuration, loader, kernels: kernels, pool: pool) { _ in }
  }

  /// Reads the body with a loader of at least its parameters. `head` asks for the layers of a head that
  /// share its memory.
  convenience init(
    _ configuration: ModelConfiguration, _ loader: WeightLoader, kernels: Kernels,
    pool: WorkerPool, head: (WeightLoader) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    try configuration.checkMemory(path: loader.checkpoint.directory + "/config.json")
    let embeddings = try Embeddings(configuration, loader)
    var layers: [TransformerLayer] = []
    for index in 0..<configuration.layerCount {
      layers.append(try TransformerLayer(index, configuration, loader))
    }
    try head(loader)
    let storage = try loader.fill(on: pool)
    loader.checkpoint.releaseMappedPages()
    self.init(
      configuration: configuration, kernels: kernels, storage: storage, embeddings: embeddings,
      layers: layers)
  }
}

extension ModelConfiguration {
  /// The maximum tokens of a pass: enough for the longest text and for large products.
  package var passTokens: Int { max(maxPositions, 512) }

  /// GiB that the buffers of a pass may take.
  private static let memoryLimit = 4

  /// Even if every tensor has its declared shape, a pass over the longest text may need more memory than
  /// we allow; see ``Workspace``. The configuration bounds all sizes, so that no product overflows.
  func checkMemory(path: String) throws(CheckpointError) {
    let bytes = 4 * passTokens * (2 * hiddenSize + max(3 * hiddenSize, intermediateSize))
    guard bytes >> 30 < Self.memoryLimit else {
      throw .invalidConfiguration(
        path: path,
        reason: "a pass of \(passTokens) tokens (\"max_position_embeddings\") would take "
          + "\(bytes >> 30) GiB of memory in a model so wide; Swiftlet takes less than "
          + "\(Self.memoryLimit)")
    }
  }
}

extension Embeddings {
  init(_ configuration: ModelConfiguration, _ loader: WeightLoader) throws(CheckpointError) {
    let (word, wordGradient) = try loader.words()
    let (position, positionGradient) = try loader.trainedTable(Architecture.positionEmbeddings)
    var (type, typeGradient): (Matrix<Float>?, TableGradient?) = (nil, nil)
    if configuration.typeVocabularySize > 0 {
      (type, typeGradient) = try loader.trainedTable(Architecture.typeEmbeddings)
    }
    (self.word, self.position, self.type) = (word, position, type)
    if let wordGradient, let positionGradient {
      gradient = EmbeddingGradient(
        word: wordGradient, position: positionGradient, type: typeGradient,
        paddingID: configuration.paddingID)
    } else {
      gradient = nil
    }
    norm = try loader.norm(Architecture.embeddingNorm, epsilon: configuration.normEpsilon)
  }
}

extension TransformerLayer {
  init(
    _ index: Int, _ configuration: ModelConfiguration, _ loader: WeightLoader
  ) throws(CheckpointError) {
    let architecture = configuration.architecture
    let prefix = architecture.layer(index)
    func linear(_ name: LinearName) throws(CheckpointError) -> Linear {
      loader.checkpoint.isQuantized
        ? try loader.quantizedLinear(QuantizedFormat.Layer(name, of: index, configuration))
        : try loader.linear(architecture.parts(of: name).map { prefix + $0 })
    }
    func norm(_ name: String) throws(CheckpointError) -> LayerNorm {
      try loader.norm(prefix + name, epsilon: configuration.normEpsilon)
    }
    attention = SelfAttention(
      queryKeyValue: try linear(.queryKeyValue), output: try linear(.attentionOutput),
      headCount: configuration.headCount)
    attentionNorm = try norm(architecture.attentionNorm)
    feedForward = FeedForward(
      lin1: try linear(.lin1), lin2: try linear(.lin2),
      activation: Activation(configuration.activation))
    outputNorm = try norm(architecture.outputNorm)
  }

  func linear(_ name: LinearName) -> Linear {
    switch name {
    case .queryKeyValue: attention.queryKeyValue
    case .attentionOutput: attention.output
    case .lin1: feedForward.lin1
    case .lin2: feedForward.lin2
    }
  }
}
