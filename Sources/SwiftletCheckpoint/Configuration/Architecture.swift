/// The models that the encoder runs, by their `model_type`. One forward pass does for both; what
/// differs is in the configuration, and here: what transformers calls the parts of a checkpoint.
package enum Architecture: String, Sendable, CaseIterable {
  case distilBERT = "distilbert"
  case bert
}

extension Architecture {
  /// What the names of the body begin with in a checkpoint that has a head.
  package var prefix: String { rawValue + "." }

  /// The names of transformer layer `index`, without prefix, begin with it.
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

  /// In a checkpoint of transformers; the parts of one layer of ours lie one under another.
  package func parts(of linear: LinearName) -> [String] {
    switch (self, linear) {
    case (.distilBERT, .queryKeyValue): ["attention.q_lin", "attention.k_lin", "attention.v_lin"]
    case (.distilBERT, .attentionOutput): ["attention.out_lin"]
    case (.distilBERT, .inner): ["ffn.lin1"]
    case (.distilBERT, .outer): ["ffn.lin2"]
    case (.bert, .queryKeyValue):
      ["attention.self.query", "attention.self.key", "attention.self.value"]
    case (.bert, .attentionOutput): ["attention.output.dense"]
    case (.bert, .inner): ["intermediate.dense"]
    case (.bert, .outer): ["output.dense"]
    }
  }

  /// In a quantised checkpoint.
  package func quantized(_ linear: LinearName) -> String {
    switch (self, linear) {
    case (.distilBERT, .queryKeyValue): "attention.qkv_lin"
    case (.bert, .queryKeyValue): "attention.self.query_key_value"
    default: parts(of: linear)[0]
    }
  }

  /// The dense layer over the first row that a sequence classifier begins with.
  package var pooler: String {
    switch self {
    case .distilBERT: "pre_classifier"
    case .bert: "pooler.dense"
    }
  }

  /// The dense layer that the head of a masked language model begins with.
  package var maskTransform: String {
    switch self {
    case .distilBERT: "vocab_transform"
    case .bert: "cls.predictions.transform.dense"
    }
  }
}

/// The linear layers of a transformer layer.
package enum LinearName: CaseIterable {
  case queryKeyValue, attentionOutput, inner, outer

  /// The inputs, and the outputs of each part.
  package func size(_ configuration: ModelConfiguration) -> (inputs: Int, outputs: Int) {
    let (dimension, inner) = (configuration.dimension, configuration.hiddenDimension)
    return switch self {
    case .queryKeyValue, .attentionOutput: (dimension, dimension)
    case .inner: (dimension, inner)
    case .outer: (inner, dimension)
    }
  }
}
