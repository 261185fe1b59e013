#if Server
/// A label and its score, or its logit where raw scores are asked for.
struct Prediction: Equatable, Sendable {
  var label: String
  var score: Float
}

/// A text's place in what was sent to `/rerank`, and how well it fits the query.
struct Rank: Equatable, Sendable {
  var index: Int
  var score: Float
  /// Only where the client wants the texts back.
  var text: String?
}

/// A token as `/tokenize` shows it.
struct TokenInfo: Equatable, Sendable {
  var id: Int
  /// The part of the text that the token stands for; a special token's own spelling.
  var text: String
  var isSpecial: Bool
  /// In bytes of the text's UTF-8; nil for special tokens.
  var range: Range<Int>?
}

/// What `/info` tells.
struct ServerInfo: Equatable, Sendable {
  enum ModelType: Equatable, Sendable {
    /// The labels in the order of the logits.
    case classifier(labels: [String])
    /// `pooling` is `cls`, `mean`, `last_token` and the like.
    case embedding(pooling: String)
    case reranker(labels: [String])
  }

  var modelID: String
  var modelSHA: String?
  /// `float32` or `int8`.
  var modelDtype: String
  var servedModelName: String
  var modelType: ModelType
  var maxConcurrentRequests: Int
  var maxInputLength: Int
  var maxBatchTokens: Int
  var maxBatchRequests: Int?
  var maxClientBatchSize: Int
  var autoTruncate: Bool
  var tokenizationWorkers: Int
  var version: String
  /// Whether `POST /` of an embedding model is `/similarity`; `/info` does not say.
  var comparesSentences = false
}
#endif
