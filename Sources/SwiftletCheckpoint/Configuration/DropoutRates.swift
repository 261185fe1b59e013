/// The share of values that each dropout of a model sets to zero during training.
package struct DropoutRates: Sendable, Equatable {
  /// After the normalisation of the embeddings: `dropout`, `hidden_dropout_prob`.
  package var embeddings: Double
  /// On the probabilities of attention: `attention_dropout`, `attention_probs_dropout_prob`.
  package var attention: Double
  /// After the output layer of attention: `hidden_dropout_prob`; DistilBERT has none.
  package var attentionOutput: Double
  /// After the second feed-forward layer: `dropout`, `hidden_dropout_prob`.
  package var feedForward: Double
  /// Before the classifier of sequences: `seq_classif_dropout`, `classifier_dropout`.
  package var sequenceHead: Double
  /// Before the classifier of tokens: `dropout`, `classifier_dropout`.
  package var tokenHead: Double
  /// Before `qa_outputs`: `qa_dropout`; BERT has none.
  package var questionHead: Double

  /// The defaults of `DistilBertConfig` and `BertConfig`.
  package init(_ architecture: Architecture = .distilBERT) {
    self.init(architecture) { _ in nil }
  }

  /// The same rate in all places that `architecture` has.
  package init(_ architecture: Architecture, all rate: Double) {
    self.init(architecture) { _ in rate }
  }

  /// `value` returns the number of a key of `config.json`, or nil.
  init(_ architecture: Architecture, _ value: (String) -> Double?) {
    switch architecture {
    case .distilBERT:
      let hidden = value("dropout") ?? 0.1
      embeddings = hidden
      attention = value("attention_dropout") ?? 0.1
      attentionOutput = 0
      feedForward = hidden
      sequenceHead = value("seq_classif_dropout") ?? 0.2
      tokenHead = hidden
      questionHead = value("qa_dropout") ?? 0.1
    case .bert:
      let hidden = value("hidden_dropout_prob") ?? 0.1
      let classifier = value("classifier_dropout") ?? hidden
      embeddings = hidden
      attention = value("attention_probs_dropout_prob") ?? 0.1
      attentionOutput = hidden
      feedForward = hidden
      sequenceHead = classifier
      tokenHead = classifier
      questionHead = 0
    }
  }
}
