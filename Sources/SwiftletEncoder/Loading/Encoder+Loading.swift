package import SwiftletCheckpoint
import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

extension Encoder {
  /// Reads the body of a checkpoint, on all the threads of `pool`. Every tensor that is missing is
  /// named in one error; sizes are checked before any memory is allocated for them.
  package convenience init(
    configuration: ModelConfiguration, checkpoint: CheckpointReader, kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(CheckpointError) {
    if checkpoint.isQuantized, kernels.precision != .int8 {
      throw .alreadyQuantized(path: checkpoint.directory)
    }
    try checkpoint.require(
      Embeddings.tensorNames(configuration)
        + (0..<configuration.layerCount).flatMap { index in
          TransformerLayer.tensorNames(
            configuration.architecture, isQuantized: checkpoint.isQuantized
          )
          .map { configuration.architecture.layer(index) + $0 }
        })
    let storage = WeightStorage()
    let embeddings = try Embeddings(configuration, checkpoint, storage)
    var layers: [TransformerLayer] = []
    for index in 0..<configuration.layerCount {
      layers.append(try TransformerLayer(index, configuration, checkpoint, storage, kernels))
    }
    try configuration.checkMemory(path: checkpoint.directory + "/config.json")
    try reserving { () throws(MemoryError) in try storage.fill(on: pool) }
    checkpoint.releaseMappedPages()
    self.init(
      configuration: configuration, kernels: kernels, storage: storage, embeddings: embeddings,
      layers: layers)
  }
}

extension ModelConfiguration {
  /// Tokens that one pass takes at most: enough for the longest text, and for large products.
  package var passTokens: Int { max(maximumPositions, 512) }

  /// GiB that a pass may take beside the weights.
  private static let memoryLimit = 4

  /// A checkpoint whose tensors have all the sizes that are said may still be none whose longest text
  /// can be computed: see ``Workspace``. No size is so large that a product overflows here.
  func checkMemory(path: String) throws(CheckpointError) {
    let bytes = 4 * passTokens * (2 * dimension + max(3 * dimension, hiddenDimension))
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
  init(
    _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader, _ storage: WeightStorage
  ) throws(CheckpointError) {
    let dimension = configuration.dimension
    func table(_ name: String, rows: Int) throws(CheckpointError) -> Matrix<Float> {
      try checkpoint.table("embeddings.\(name).weight", rows: rows, columns: dimension, in: storage)
    }
    word = try table("word_embeddings", rows: configuration.vocabularySize)
    position = try table("position_embeddings", rows: configuration.maximumPositions)
    type =
      configuration.typeVocabularySize > 0
      ? try table("token_type_embeddings", rows: configuration.typeVocabularySize) : nil
    norm = try checkpoint.norm(
      "embeddings.LayerNorm", count: dimension, epsilon: configuration.normEpsilon, in: storage)
  }

  /// Without prefix.
  static func tensorNames(_ configuration: ModelConfiguration) -> [String] {
    ["embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"]
      + (configuration.typeVocabularySize > 0 ? ["embeddings.token_type_embeddings.weight"] : [])
      + ["embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias"]
  }
}

extension TransformerLayer {
  init(
    _ index: Int, _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    _ storage: WeightStorage, _ kernels: Kernels
  ) throws(CheckpointError) {
    let architecture = configuration.architecture
    let name = architecture.layer(index)
    func linear(_ layer: LinearName) throws(CheckpointError) -> Linear {
      let (inputs, outputs) = layer.size(configuration)
      let parts = architecture.parts(of: layer)
      if checkpoint.isQuantized {
        return try checkpoint.quantizedLinear(
          name + architecture.quantized(layer), inputs: inputs, outputs: outputs * parts.count,
          in: storage)
      }
      return try checkpoint.linear(
        parts.map { name + $0 }, inputs: inputs, outputs: outputs, in: storage, for: kernels)
    }
    func norm(_ norm: String) throws(CheckpointError) -> LayerNorm {
      try checkpoint.norm(
        name + norm, count: configuration.dimension, epsilon: configuration.normEpsilon,
        in: storage)
    }
    attention = SelfAttention(
      queryKeyValue: try linear(.queryKeyValue), output: try linear(.attentionOutput),
      headCount: configuration.headCount)
    attentionNorm = try norm(architecture.attentionNorm)
    feedForward = FeedForward(
      lin1: try linear(.inner), lin2: try linear(.outer),
      activation: Activation(configuration.activation))
    outputNorm = try norm(architecture.outputNorm)
  }

  /// Without what the layer's own names begin with.
  static func tensorNames(_ architecture: Architecture, isQuantized: Bool) -> [String] {
    let linears =
      isQuantized
      ? LinearName.allCases.flatMap { QuantizedFormat.Names(architecture.quantized($0)).all }
      : LinearName.allCases.flatMap { architecture.parts(of: $0) }
        .flatMap { ["\($0).weight", "\($0).bias"] }
    let norms = [architecture.attentionNorm, architecture.outputNorm]
    return linears + norms.flatMap { ["\($0).weight", "\($0).bias"] }
  }

  func linear(_ name: LinearName) -> Linear {
    switch name {
    case .queryKeyValue: attention.queryKeyValue
    case .attentionOutput: attention.output
    case .inner: feedForward.lin1
    case .outer: feedForward.lin2
    }
  }
}
