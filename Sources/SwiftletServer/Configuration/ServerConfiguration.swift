#if Server
public import Logging
public import Swiftlet

/// What a server serves, where, and within which limits; all but the model's folder has a default,
/// which is that of text-embeddings-inference where it has one.
public struct ServerConfiguration: Sendable {
  /// The folder of the model.
  public var modelDirectory: String
  /// What `/info` gives as `model_id`: the folder, unless it is told otherwise.
  public var modelID: String
  /// What `/info` and the OpenAI routes call the model.
  public var servedModelName: String
  /// What `/info` gives as `model_sha`.
  public var revision: String?
  /// The number type of the linear layers; nil keeps the checkpoint's.
  public var precision: Precision?
  /// How an embedding model pools its tokens; nil for what its files say.
  public var pooling: ServerPooling?
  /// Threads that compute; nil for the processors that the process may use.
  public var threads: Int?
  /// Whether `problem_type` of the model's `config.json` decides over sigmoid and softmax. Off, any
  /// model of several labels answers with softmax, as text-embeddings-inference does.
  public var honoursProblemType = false

  /// The address that is listened on.
  public var hostname = "0.0.0.0"
  /// The port; 0 for any that is free.
  public var port = 3000
  /// The key that requests must bring as `Authorization: Bearer <key>`; nil for none.
  public var apiKey: String?
  /// The origins that a browser may call from; empty for any.
  public var corsAllowOrigins: [String] = []
  /// The PEM file of the certificate and its chain. Only together with the key.
  public var tlsCertificatePath: String?
  /// The PEM file of the certificate's private key.
  public var tlsKeyPath: String?

  /// Inputs, not HTTP requests, that may be queued or computed at the same time.
  public var maxConcurrentRequests = 512
  /// The most tokens of a batch.
  public var maxBatchTokens = 16384
  /// The most inputs of a batch; nil for no limit but the tokens.
  public var maxBatchRequests: Int?
  /// The most inputs of one request.
  public var maxClientBatchSize = 32
  /// The most bytes of a request's body.
  public var payloadLimit = 2_000_000
  /// Seconds after which a request that still waits in the queue is refused.
  public var requestTimeout: Double = 30
  /// Seconds that requests in flight have to end in when the server is told to stop.
  public var drainTimeout: Double = 30

  /// Whether texts that are too long are cut where the request does not say.
  public var autoTruncate = true
  /// The name of the prompt that goes before texts to embed; not together with `defaultPrompt`.
  public var defaultPromptName: String?
  /// The prompt that goes before texts to embed.
  public var defaultPrompt: String?

  /// Whether `POST /` of an embedding model is `/similarity` instead of `/embed`.
  public var comparesSentences = false

  /// Whether logs are JSON lines instead of text.
  public var jsonLogs = false
  /// From which level on events are logged.
  public var logLevel = Logger.Level.info

  /// With all defaults; the model is called by its folder unless it has another name.
  public init(modelDirectory: String, servedModelName: String? = nil) {
    self.modelDirectory = modelDirectory
    modelID = modelDirectory
    self.servedModelName = servedModelName ?? modelDirectory
  }
}

extension ServerConfiguration {
  /// Whether anything is set that only embedding models heed.
  var concernsEmbeddings: Bool {
    pooling != nil || defaultPrompt != nil || defaultPromptName != nil || comparesSentences
  }
}

/// How the rows of a text's tokens become its embedding.
public enum ServerPooling: String, CaseIterable, Sendable {
  /// The first token's row.
  case cls
  /// The mean of all rows.
  case mean
  /// The last token's row.
  case lastToken = "last-token"
}
#endif
