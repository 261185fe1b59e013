import Testing

@testable import SwiftletCheckpoint

@Suite struct ParameterTests {
  private func configuration(_ architecture: Architecture) -> ModelConfiguration {
    var configuration = ModelConfiguration(architecture)
    configuration.vocabularySize = 11
    configuration.hiddenSize = 4
    configuration.intermediateSize = 6
    configuration.maxPositions = 5
    configuration.layerCount = 1
    configuration.headCount = 2
    configuration.labels = ["a", "b", "c"]
    return configuration
  }

  /// One line for each parameter; `+` marks those that decay, `-` the others.
  private func lines(_ parameters: [Parameter]) -> [String] {
    parameters.map { "\($0.decays ? "+" : "-") \($0.name) \($0.shape)" }
  }

  @Test func `the parameters of DistilBERT are PyTorch's, decay and order included`() {
    #expect(lines(configuration(.distilBERT).parameters()) == Self.distilBERT)
  }

  @Test func `the parameters of BERT are PyTorch's, decay and order included`() {
    #expect(
      lines(configuration(.bert).parameters(head: .sequenceClassification)) == Self.bert)
  }

  // What transformers 5.24 lists: `named_parameters()` and `Trainer.get_decay_parameter_names`.

  private static let distilBERT = [
    "+ embeddings.word_embeddings.weight [11, 4]",
    "+ embeddings.position_embeddings.weight [5, 4]",
    "- embeddings.LayerNorm.weight [4]",
    "- embeddings.LayerNorm.bias [4]",
    "+ transformer.layer.0.attention.q_lin.weight [4, 4]",
    "- transformer.layer.0.attention.q_lin.bias [4]",
    "+ transformer.layer.0.attention.k_lin.weight [4, 4]",
    "- transformer.layer.0.attention.k_lin.bias [4]",
    "+ transformer.layer.0.attention.v_lin.weight [4, 4]",
    "- transformer.layer.0.attention.v_lin.bias [4]",
    "+ transformer.layer.0.attention.out_lin.weight [4, 4]",
    "- transformer.layer.0.attention.out_lin.bias [4]",
    "- transformer.layer.0.sa_layer_norm.weight [4]",
    "- transformer.layer.0.sa_layer_norm.bias [4]",
    "+ transformer.layer.0.ffn.lin1.weight [6, 4]",
    "- transformer.layer.0.ffn.lin1.bias [6]",
    "+ transformer.layer.0.ffn.lin2.weight [4, 6]",
    "- transformer.layer.0.ffn.lin2.bias [4]",
    "- transformer.layer.0.output_layer_norm.weight [4]",
    "- transformer.layer.0.output_layer_norm.bias [4]",
  ]

  private static let bert = [
    "+ embeddings.word_embeddings.weight [11, 4]",
    "+ embeddings.position_embeddings.weight [5, 4]",
    "+ embeddings.token_type_embeddings.weight [2, 4]",
    "- embeddings.LayerNorm.weight [4]",
    "- embeddings.LayerNorm.bias [4]",
    "+ encoder.layer.0.attention.self.query.weight [4, 4]",
    "- encoder.layer.0.attention.self.query.bias [4]",
    "+ encoder.layer.0.attention.self.key.weight [4, 4]",
    "- encoder.layer.0.attention.self.key.bias [4]",
    "+ encoder.layer.0.attention.self.value.weight [4, 4]",
    "- encoder.layer.0.attention.self.value.bias [4]",
    "+ encoder.layer.0.attention.output.dense.weight [4, 4]",
    "- encoder.layer.0.attention.output.dense.bias [4]",
    "- encoder.layer.0.attention.output.LayerNorm.weight [4]",
    "- encoder.layer.0.attention.output.LayerNorm.bias [4]",
    "+ encoder.layer.0.intermediate.dense.weight [6, 4]",
    "- encoder.layer.0.intermediate.dense.bias [6]",
    "+ encoder.layer.0.output.dense.weight [4, 6]",
    "- encoder.layer.0.output.dense.bias [4]",
    "- encoder.layer.0.output.LayerNorm.weight [4]",
    "- encoder.layer.0.output.LayerNorm.bias [4]",
    "+ pooler.dense.weight [4, 4]",
    "- pooler.dense.bias [4]",
    "+ classifier.weight [3, 4]",
    "- classifier.bias [3]",
  ]

  @Test(arguments: [
    (Architecture.distilBERT, ModelHead.sequenceClassification, ["pre_classifier", "classifier"]),
    (.distilBERT, .multipleChoice, ["pre_classifier", "classifier"]),
    (.distilBERT, .tokenClassification, ["classifier"]),
    (.bert, .tokenClassification, ["classifier"]),
    (.bert, .questionAnswering, ["qa_outputs"]),
  ])
  func `a head has its layers`(architecture: Architecture, head: ModelHead, layers: [String]) {
    let parameters = configuration(architecture).parameters(of: head)
    #expect(parameters.map(\.name) == layers.flatMap { [$0 + ".weight", $0 + ".bias"] })
    let outputs =
      switch head {
      case .multipleChoice: 1
      case .questionAnswering: 2
      default: 3
      }
    #expect(parameters.last?.shape == [outputs])
  }

  @Test(arguments: Architecture.allCases)
  func `the projector of a masked language model is tied as config.json says`(
    architecture: Architecture
  ) throws {
    var configuration = configuration(architecture)
    let word = "embeddings.word_embeddings.weight"
    func ties() -> [String: String] {
      configuration.parameters(of: .maskedLanguage).reduce(into: [:]) { $0[$1.name] = $1.tiedTo }
    }
    switch architecture {
    case .distilBERT: #expect(ties() == ["vocab_projector.weight": word])
    case .bert:
      #expect(
        ties() == [
          "cls.predictions.decoder.weight": word,
          "cls.predictions.decoder.bias": "cls.predictions.bias",
        ])
    }
    configuration.tiesWordEmbeddings = false
    #expect(!ties().values.contains(word))
  }

  @Test(arguments: Architecture.allCases)
  func `int8 replaces the linear layers of the transformer layers`(architecture: Architecture) {
    let configuration = configuration(architecture)
    let quantized = configuration.parameters(head: .sequenceClassification).filter(\.isQuantized)
    #expect(quantized.count == 12 && quantized.allSatisfy { $0.layer == 0 })
    let layers = QuantizedFormat.layers(configuration)
    let weights = quantized.filter { $0.role == .linearWeight }
    #expect(
      layers.reduce(0) { $0 + $1.inputs * $1.outputs }
        == weights.reduce(0) { $0 + $1.shape.reduce(1, *) })
  }
}
