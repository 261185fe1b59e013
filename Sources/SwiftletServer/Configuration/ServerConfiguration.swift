#if Server
public import Logging
public import Swiftlet

/// The model that a server serves, its address and its limits. The defaults are those of
/// text-embeddings-inference where it has the setting.
public struct ServerConfiguration: Sendable {
  /// The model's directory.
  public var modelDirectory: String
  /// The `model_id` that `/info` returns; by default the directory.
  public var modelID: String
  /// The model's name in `/info` and in the OpenAI routes.
  public var servedModelName: String
  /// The `model_sha` that `/info` returns.
  public var revision: String?
  /// Further models, which share the threads and the limits with the first one. Paths without a
  /// model's name are the first one's.
  public var additionalModels: [AdditionalModel] = []
  /// The number type of the linear layers; nil keeps the checkpoint's.
  public var precision: Precision?
  /// How an embedding model pools its tokens; nil reads it from the model's files.
  public var pooling: ServerPooling?
  /// Number of threads that compute; nil for the number of processors that the process may use.
  public var threads: Int?
  /// Whether `problem_type` in the model's `config.json` chooses between sigmoid and softmax. If
  /// false, every model with several labels uses softmax, as in text-embeddings-inference.
  public var honoursProblemType = false

  /// The address to listen on.
  public var hostname = "0.0.0.0"
  /// The port; 0 chooses a free one.
  public var port = 3000
  /// Whether `POST /models/{name}/reload` loads a model again; requires `apiKey`.
  public var allowsReload = false
  /// The key that requests must send as `Authorization: Bearer <key>`; nil for none.
  public var apiKey: String?
  /// The origins that a browser may call from; empty for any.
  public var corsAllowOrigins: [String] = []
  /// The PEM file of the certificate and its chain; requires `tlsKeyPath`.
  public var tlsCertificatePath: String?
  /// The PEM file of the certificate's private key.
  public var tlsKeyPath: String?

  /// Maximum number of inputs, not HTTP requests, that are queued or computed at the same time, for
  /// each model.
  public var maxConcurrentRequests = 512
  /// Maximum number of tokens in a batch.
  public var maxBatchTokens = 16384
  /// Maximum number of inputs in a batch; nil limits only the tokens.
  public var maxBatchRequests: Int?
  /// Maximum number of inputs in a request.
  public var maxClientBatchSize = 32
  /// Maximum number of bytes in a request's body.
  public var payloadLimit = 2_000_000
  /// Seconds after which a request that still waits in the queue is refused.
  public var requestTimeout: Double = 30
  /// Seconds that a stopping server waits for requests in flight.
  public var drainTimeout: Double = 30

  /// Whether responses of a kilobyte and more are compressed for clients that accept it.
  public var compressesResponses = true

  /// Whether texts that are too long are truncated, unless a request says otherwise.
  public var autoTruncate = true
  /// The name of the prompt before texts to embed; excludes `defaultPrompt`.
  public var defaultPromptName: String?
  /// The prompt before texts to embed.
  public var defaultPrompt: String?

  /// Whether `POST /` of an embedding model is `/similarity` instead of `/embed`.
  public var comparesSentences = false

  /// Whether logs are JSON lines instead of text.
  public var jsonLogs = false
  /// The lowest level that is logged.
  public var logLevel = Logger.Level.info

  /// Creates a configuration with all defaults. The model's name is its directory unless another
  /// one is given.
  public init(modelDirectory: String, servedModelName: String? = nil) {
    self.modelDirectory = modelDirectory
    modelID = modelDirectory
    self.servedModelName = servedModelName ?? modelDirectory
  }
}

extension ServerConfiguration {
  /// Whether any setting is for embedding models only.
  var concernsEmbeddings: Bool {
    pooling != nil || defaultPrompt != nil || defaultPromptName != nil || comparesSentences
  }
}

/// The pooling of a text's token rows to its embedding.
public enum ServerPooling: String, CaseIterable, Sendable {
  /// The first token's row.
  case cls
  /// The mean of all rows.
  case mean
  /// The last token's row.
  case lastToken = "last-token"
}
#endif
