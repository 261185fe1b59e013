package import SwiftletKernelCore

/// What `config.json` says about a DistilBERT checkpoint: everything that changes the result.
///
/// Keys that are missing take the defaults of transformers' `DistilBertConfig`.
package struct ModelConfiguration: Sendable, Equatable {
  /// `vocab_size`: rows of the word embeddings.
  package var vocabularySize = 30_522
  /// `dim`: the width of a hidden row.
  package var dimension = 768
  /// `n_layers`
  package var layerCount = 6
  /// `n_heads`; divides `dimension`.
  package var headCount = 12
  /// `hidden_dim`: the width inside the feed-forward part.
  package var hiddenDimension = 3072
  /// `max_position_embeddings`: the greatest number of tokens.
  package var maximumPositions = 512
  package var activation = Activation.gelu
  /// `id2label` in the order of its numbers; `LABEL_0`, `LABEL_1` … where it is absent.
  package var labels = ["LABEL_0", "LABEL_1"]
  package var problemType: ProblemType?
  /// `architectures`, as they stand.
  package var architectures: [String] = []

  package init() {}

  package var headSize: Int { dimension / headCount }

  /// The epsilon of every layer normalisation; DistilBERT has no key for it.
  package static let normEpsilon: Float = 1e-12
}

/// `problem_type`: what the logits of a sequence classifier mean.
package enum ProblemType: String, Sendable, CaseIterable {
  case regression
  case singleLabel = "single_label_classification"
  case multiLabel = "multi_label_classification"
}
