/// Everything in the `config.json` of a DistilBERT or BERT checkpoint that changes the result.
///
/// Missing keys take the defaults of transformers' `DistilBertConfig` or `BertConfig`. Comments name the
/// keys of both where they differ.
package struct ModelConfiguration: Sendable, Equatable {
  /// `model_type`
  package let architecture: Architecture
  /// `vocab_size`: rows of the word embeddings.
  package var vocabularySize = 30_522
  /// `dim`, `hidden_size`: the width of a hidden row.
  package var hiddenSize = 768
  /// `n_layers`, `num_hidden_layers`
  package var layerCount: Int
  /// `n_heads`, `num_attention_heads`; divides `hiddenSize`.
  package var headCount = 12
  /// `hidden_dim`, `intermediate_size`: the width inside the feed-forward part.
  package var intermediateSize = 3072
  /// `max_position_embeddings`: the maximum number of tokens.
  package var maxPositions = 512
  /// `type_vocab_size`: rows of the token type embeddings; 0 for DistilBERT.
  package var typeVocabularySize: Int
  /// `activation`, `hidden_act`
  package var activation = HiddenActivation.gelu
  /// `layer_norm_eps`: the epsilon of every layer normalisation. DistilBERT has no key for it.
  package var normEpsilon: Float = 1e-12
  /// `id2label` in the order of its numbers; `LABEL_0`, `LABEL_1` … where it is absent.
  package var labels = ["LABEL_0", "LABEL_1"]
  /// `label2id` in its order; empty where it agrees with `labels`.
  package var labelIDs: [LabelID] = []
  package var problemType: ProblemType?
  /// `tie_word_embeddings`: whether a masked language model without a projector uses the word embeddings.
  package var tiesWordEmbeddings = true
  /// `architectures`
  package var architectures: [String] = []
  /// Used in training only.
  package var dropout: DropoutRates
  /// `initializer_range`: the standard deviation of the initial weights of a new head.
  package var initializerRange = 0.02
  /// `pad_token_id`: the row of the word embeddings that the lookup does not train.
  package var paddingID = 0

  package init(_ architecture: Architecture = .distilBERT) {
    self.architecture = architecture
    layerCount = architecture == .bert ? 12 : 6
    typeVocabularySize = architecture == .bert ? 2 : 0
    dropout = DropoutRates(architecture)
  }

  package var headSize: Int { hiddenSize / headCount }
}

/// An entry of `label2id`.
package struct LabelID: Sendable, Equatable {
  package let label: String
  package let id: Int

  package init(label: String, id: Int) {
    self.label = label
    self.id = id
  }
}

/// `problem_type`: the meaning of a sequence classifier's logits.
package enum ProblemType: String, Sendable, CaseIterable {
  case regression
  case singleLabel = "single_label_classification"
  case multiLabel = "multi_label_classification"
}
