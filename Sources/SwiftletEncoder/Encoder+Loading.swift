package import SwiftletKernels

extension Encoder {
  /// Reads the body of a checkpoint, on all the threads of `pool`. Every tensor that is missing is
  /// named in one error; sizes are checked before any memory is allocated for them.
  package convenience init(
    configuration: ModelConfiguration, checkpoint: CheckpointReader, kernels: Kernels,
    pool: WorkerPool = WorkerPool(threadCount: 1)
  ) throws(EncoderError) {
    if checkpoint.isQuantized, kernels.precision != .int8 {
      throw .alreadyQuantized(path: checkpoint.directory)
    }
    try checkpoint.require(
      Self.tensorNames(configuration, isQuantized: checkpoint.isQuantized))
    let storage = WeightStorage()
    let dimension = configuration.dimension
    let embeddings = EmbeddingWeights(
      word: try checkpoint.table(
        "embeddings.word_embeddings.weight", rows: configuration.vocabularySize,
        columns: dimension, in: storage),
      position: try checkpoint.table(
        "embeddings.position_embeddings.weight", rows: configuration.maximumPositions,
        columns: dimension, in: storage),
      norm: try checkpoint.norm("embeddings.LayerNorm", count: dimension, in: storage))
    var layers: [LayerWeights] = []
    for index in 0..<configuration.layerCount {
      layers.append(
        try LayerWeights(
          "transformer.layer.\(index).", configuration, checkpoint, storage, kernels))
    }
    storage.fill(on: pool)
    checkpoint.releaseMappedPages()
    self.init(
      configuration: configuration, kernels: kernels, storage: storage, embeddings: embeddings,
      layers: layers)
  }

  /// Every tensor of the body, without prefix.
  private static func tensorNames(
    _ configuration: ModelConfiguration, isQuantized: Bool
  ) -> [String] {
    let layers = (0..<configuration.layerCount).flatMap { index in
      LayerWeights.tensorNames(isQuantized: isQuantized).map { "transformer.layer.\(index).\($0)" }
    }
    return [
      "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight",
      "embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias",
    ] + layers
  }
}

extension LayerWeights {
  /// `name` is `transformer.layer.N.`
  init(
    _ name: String, _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    _ storage: WeightStorage, _ kernels: Kernels
  ) throws(EncoderError) {
    let dimension = configuration.dimension
    func linear(_ layer: LinearNames) throws(EncoderError) -> Linear {
      let (inputs, outputs) = layer.size(configuration)
      if checkpoint.isQuantized {
        return try checkpoint.quantizedLinear(
          name + layer.quantized, inputs: inputs, outputs: outputs * layer.parts.count,
          in: storage)
      }
      return try checkpoint.linear(
        layer.parts.map { name + $0 }, inputs: inputs, outputs: outputs, in: storage, for: kernels)
    }
    queryKeyValue = try linear(.queryKeyValue)
    attentionOutput = try linear(.attentionOutput)
    attentionNorm = try checkpoint.norm(name + "sa_layer_norm", count: dimension, in: storage)
    inner = try linear(.inner)
    outer = try linear(.outer)
    outputNorm = try checkpoint.norm(name + "output_layer_norm", count: dimension, in: storage)
  }

  static func tensorNames(isQuantized: Bool) -> [String] {
    let linears =
      isQuantized
      ? LinearNames.allCases.flatMap { QuantizedFormat.Names($0.quantized).all }
      : LinearNames.allCases.flatMap(\.parts).flatMap { ["\($0).weight", "\($0).bias"] }
    let norms = ["sa_layer_norm", "output_layer_norm"].flatMap { ["\($0).weight", "\($0).bias"] }
    return linears + norms
  }
}

extension LayerWeights {
  func linear(_ name: LinearNames) -> Linear {
    switch name {
    case .queryKeyValue: queryKeyValue
    case .attentionOutput: attentionOutput
    case .inner: inner
    case .outer: outer
    }
  }
}

/// The linear layers of a transformer layer and what checkpoints call them.
enum LinearNames: CaseIterable {
  case queryKeyValue, attentionOutput, inner, outer

  /// In a checkpoint of transformers; those of one layer of ours lie one under another.
  var parts: [String] {
    switch self {
    case .queryKeyValue: ["attention.q_lin", "attention.k_lin", "attention.v_lin"]
    case .attentionOutput: ["attention.out_lin"]
    case .inner: ["ffn.lin1"]
    case .outer: ["ffn.lin2"]
    }
  }

  /// In a quantised checkpoint.
  var quantized: String {
    switch self {
    case .queryKeyValue: "attention.qkv_lin"
    case .attentionOutput: "attention.out_lin"
    case .inner: "ffn.lin1"
    case .outer: "ffn.lin2"
    }
  }

  /// The inputs, and the outputs of each part.
  func size(_ configuration: ModelConfiguration) -> (inputs: Int, outputs: Int) {
    let (dimension, inner) = (configuration.dimension, configuration.hiddenDimension)
    return switch self {
    case .queryKeyValue, .attentionOutput: (dimension, dimension)
    case .inner: (dimension, inner)
    case .outer: (inner, dimension)
    }
  }
}
