extension TrainingOptions {
  /// Returns the weights that keep their values, by method and ``freezing``.
  ///
  /// LoRA freezes the body; its matrices are not parameters of the model.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if an option names more layers than there are.
  package func frozenWeights(layerCount: Int) throws(TrainingError) -> Freezing {
    var frozen = Freezing()
    switch method {
    case .head, .lora, .probe:
      frozen.body = true
    case .lastLayers(let count):
      guard count <= layerCount else {
        throw .invalidOption(
          name: "--method", reason: "last:\(count) exceeds the model's \(layerCount) layers")
      }
      frozen.embeddings = true
      frozen.layers = layerCount - count
    case .full, .setfit:
      try freeze(&frozen, layerCount: layerCount)
    }
    return frozen
  }

  private func freeze(_ frozen: inout Freezing, layerCount: Int) throws(TrainingError) {
    switch freezing {
    case .none: break
    case .embeddings: frozen.embeddings = true
    case .allButHead: frozen.body = true
    case .layers(let count):
      guard count <= layerCount else {
        throw .invalidOption(
          name: "--freeze", reason: "layers:\(count) exceeds the model's \(layerCount) layers")
      }
      frozen.embeddings = true
      frozen.layers = count
    }
  }

  /// Groups the parameters of a model for AdamW.
  ///
  /// - Parameters:
  ///   - layerCount: Layers of the encoder.
  ///   - newNames: Parameters without a value in the base model; they count as the head.
  /// - Returns: The groups, whose factors multiply ``learningRate``.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if an option does not suit the model.
  package func parameterGroups(
    layerCount: Int, newNames: Set<String>
  ) throws(TrainingError) -> ParameterGroups {
    try ParameterGroups(
      layerCount: layerCount, freezing: frozenWeights(layerCount: layerCount),
      layerDecay: layerDecay, headRateFactor: (headLearningRate ?? learningRate) / learningRate,
      newNames: newNames)
  }

  /// Whether weights of the encoder change.
  package var trainsEncoder: Bool {
    switch method {
    case .head, .lora, .probe: false
    case .lastLayers: true
    case .full, .setfit: freezing != .allButHead
    }
  }
}
