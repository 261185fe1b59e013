#if Server
/// A label with its score, or with its logit if raw scores are requested.
struct Prediction: Equatable, Sendable {
  var label: String
  var score: Float
}

/// The index of a text in a `/rerank` request, and its relevance to the query.
struct Rank: Equatable, Sendable {
  var index: Int
  var score: Float
  /// nil unless the client wants the texts back.
  var text: String?
}

/// A token in a response of `/tokenize`.
struct TokenInfo: Equatable, Sendable {
  var id: Int
  /// The token's part of the text, or the spelling of a special token.
  var text: String
  var isSpecial: Bool
  /// In bytes of the text's UTF-8; nil for special tokens.
  var range: Range<Int>?
}

/// The content of `/info`.
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
  /// `float32`, `bfloat16` or `int8`.
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
  /// ``ModelFingerprint`` of the model's folder.
  var fingerprint: String?
  /// The names of the server's models; not part of `/info` if there is only one.
  var models: [String] = []
  /// Whether `POST /` of an embedding model is `/similarity`; not part of `/info`.
  var comparesSentences = false
}
#endif
