/// The models that the encoder runs, by their `model_type`. Both have the same forward pass and differ
/// in the configuration and in the names of their tensors, which are written here and nowhere else.
package enum Architecture: String, Sendable, CaseIterable {
  case distilBERT = "distilbert"
  case bert
}

extension Architecture {
  /// The prefix of the body's names in a checkpoint with a head.
  package var prefix: String { rawValue + "." }

  /// The start of all names of transformer layer `index`, without the body's prefix.
  package func layer(_ index: Int) -> String {
    switch self {
    case .distilBERT: "transformer.layer.\(index)."
    case .bert: "encoder.layer.\(index)."
    }
  }

  package var attentionNorm: String {
    switch self {
    case .distilBERT: "sa_layer_norm"
    case .bert: "attention.output.LayerNorm"
    }
  }

  package var outputNorm: String {
    switch self {
    case .distilBERT: "output_layer_norm"
    case .bert: "output.LayerNorm"
    }
  }

  /// The layers of transformers that make one of ours, in the order of their outputs.
  package func parts(of linear: LinearName) -> [String] {
    switch (self, linear) {
    case (.distilBERT, .queryKeyValue): ["attention.q_lin", "attention.k_lin", "attention.v_lin"]
    case (.distilBERT, .attentionOutput): ["attention.out_lin"]
    case (.distilBERT, .lin1): ["ffn.lin1"]
    case (.distilBERT, .lin2): ["ffn.lin2"]
    case (.bert, .queryKeyValue):
      ["attention.self.query", "attention.self.key", "attention.self.value"]
    case (.bert, .attentionOutput): ["attention.output.dense"]
    case (.bert, .lin1): ["intermediate.dense"]
    case (.bert, .lin2): ["output.dense"]
    }
  }

  /// The name in a quantised checkpoint.
  package func quantized(_ linear: LinearName) -> String {
    switch (self, linear) {
    case (.distilBERT, .queryKeyValue): "attention.qkv_lin"
    case (.bert, .queryKeyValue): "attention.self.query_key_value"
    default: parts(of: linear)[0]
    }
  }

  /// The dense layer over the first row, with which a sequence classifier begins.
  package var pooler: String {
    switch self {
    case .distilBERT: "pre_classifier"
    case .bert: "pooler.dense"
    }
  }

  /// The layers of the head of a masked language model.
  package var maskedLanguageHead:
    (transform: String, norm: String, projector: String, tiedBias: String?)
  {
    switch self {
    case .distilBERT: ("vocab_transform", "vocab_layer_norm", "vocab_projector", nil)
    case .bert:
      (
        "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm",
        "cls.predictions.decoder", "cls.predictions.bias"
      )
    }
  }

  // The names that all architectures have in common.
  package static let wordEmbeddings = "embeddings.word_embeddings"
  package static let positionEmbeddings = "embeddings.position_embeddings"
  package static let typeEmbeddings = "embeddings.token_type_embeddings"
  package static let embeddingNorm = "embeddings.LayerNorm"
  /// The numbers 0, 1, 2 …, which older versions of transformers stored and no model needs.
  package static let positionIDs = "embeddings.position_ids"
  package static let classifier = "classifier"
  package static let questionLayer = "qa_outputs"

  /// Whether a parameter belongs to the embeddings.
  package static func isEmbedding(_ name: String) -> Bool { name.hasPrefix("embeddings.") }

  /// Whether a name without prefix belongs to the body.
  package func isBody(_ name: String) -> Bool {
    let parts =
      switch self {
      case .distilBERT: ["embeddings.", "transformer."]
      case .bert: ["embeddings.", "encoder.", "pooler."]
      }
    return parts.contains { name.hasPrefix($0) }
  }
}

/// The linear layers of a transformer layer.
package enum LinearName: CaseIterable {
  case queryKeyValue, attentionOutput, lin1, lin2

  /// The inputs, and the outputs of each part.
  func size(_ configuration: ModelConfiguration) -> (inputs: Int, outputs: Int) {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    return switch self {
    case .queryKeyValue, .attentionOutput: (hidden, hidden)
    case .lin1: (hidden, inner)
    case .lin2: (inner, hidden)
    }
  }
}
