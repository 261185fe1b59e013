package import SwiftletKernels

extension Encoder {
  /// Reads the body of a checkpoint. Every tensor that is missing is named in one error; sizes are
  /// checked before any memory is allocated for them.
  package convenience init(
    configuration: ModelConfiguration, checkpoint: CheckpointReader, kernels: Kernels
  ) throws(EncoderError) {
    try checkpoint.require(Self.tensorNames(configuration))
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
        try Self.layer(
          "transformer.layer.\(index).", configuration, checkpoint, storage, kernels))
    }
    self.init(
      configuration: configuration, kernels: kernels, storage: storage, embeddings: embeddings,
      layers: layers)
  }

  private static func layer(
    _ name: String, _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
    _ storage: WeightStorage, _ kernels: Kernels
  ) throws(EncoderError) -> LayerWeights {
    let (dimension, inner) = (configuration.dimension, configuration.hiddenDimension)
    return LayerWeights(
      queryKeyValue: try checkpoint.linear(
        ["q_lin", "k_lin", "v_lin"].map { name + "attention." + $0 }, inputs: dimension,
        outputs: dimension, in: storage, for: kernels),
      attentionOutput: try checkpoint.linear(
        [name + "attention.out_lin"], inputs: dimension, outputs: dimension, in: storage,
        for: kernels),
      attentionNorm: try checkpoint.norm(
        name + "sa_layer_norm", count: dimension, in: storage),
      inner: try checkpoint.linear(
        [name + "ffn.lin1"], inputs: dimension, outputs: inner, in: storage, for: kernels),
      outer: try checkpoint.linear(
        [name + "ffn.lin2"], inputs: inner, outputs: dimension, in: storage, for: kernels),
      outputNorm: try checkpoint.norm(
        name + "output_layer_norm", count: dimension, in: storage))
  }

  /// Every tensor of the body, without prefix.
  private static func tensorNames(_ configuration: ModelConfiguration) -> [String] {
    let linears = [
      "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin",
      "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm",
    ]
    let layers = (0..<configuration.layerCount).flatMap { index in
      linears.map { "transformer.layer.\(index).\($0)" }
    }
    let pairs = (["embeddings.LayerNorm"] + layers).flatMap { ["\($0).weight", "\($0).bias"] }
    return ["embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"] + pairs
  }
}
