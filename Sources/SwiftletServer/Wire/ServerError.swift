#if Server
/// The kinds of errors on the wire, spelled as text-embeddings-inference spells them.
enum ErrorType: String, CaseIterable, Sendable {
  case unhealthy = "Unhealthy"
  case backend = "Backend"
  case overloaded = "Overloaded"
  case tokenizer = "Tokenizer"
  case validation = "Validation"
  case empty = "Empty"

  /// The HTTP status of most errors of this kind.
  var status: Int {
    switch self {
    case .unhealthy: 503
    case .backend: 424
    case .overloaded: 429
    case .tokenizer, .validation: 422
    case .empty: 400
    }
  }

  /// The name in the metrics of most errors of this kind.
  fileprivate var failure: RequestFailure {
    switch self {
    case .unhealthy: .dropped
    case .backend: .inference
    case .overloaded: .overloaded
    case .tokenizer: .tokenization
    case .validation, .empty: .validation
    }
  }
}

/// An error of a response. Messages are those of text-embeddings-inference where it has one.
struct ServerError: Error, Equatable, Sendable {
  var type: ErrorType
  var message: String
  /// The type's status, unless HTTP has a more specific one.
  var status: Int
  /// The name in the metrics; nil for errors that don't concern the model.
  var failure: RequestFailure?
  /// For the log only.
  var cause: String?

  /// An error of the model's routes.
  init(_ type: ErrorType, _ message: String, failure: RequestFailure? = nil) {
    self.type = type
    self.message = message
    status = type.status
    self.failure = failure ?? type.failure
  }

  /// An error with a specific HTTP status.
  init(_ type: ErrorType, _ message: String, status: Int) {
    self.type = type
    self.message = message
    self.status = status
  }

  init(_ error: RequestError) { self.init(.validation, error.message, status: error.status) }
}

// MARK: Errors of the server

extension ServerError {
  static let unhealthy = ServerError(.unhealthy, "unhealthy")
  static let overloaded = ServerError(.overloaded, "Model is overloaded")
  /// The request waited too long in the queue.
  static func expired(seconds: Double) -> ServerError {
    ServerError(
      .overloaded, "Model is overloaded: the request waited for \(seconds.shortText) s in the queue"
    )
  }
  /// A failure of the model itself.
  static func backend(_ problem: String) -> ServerError {
    ServerError(.backend, "Backend error: \(problem)")
  }
  /// The system refused memory. The client may send the request again; `cause` tells the operator
  /// what to do.
  static func noMemory(cause: String) -> ServerError {
    var error = backend(
      "not enough memory for this request; send it again later, or with fewer or shorter inputs")
    error.status = 503
    error.cause = cause
    return error
  }
  private static func wrongModel(_ problem: String) -> ServerError {
    ServerError(.backend, "Backend error: \(problem)", failure: .modelType)
  }
  static let notClassifier = wrongModel("Model is not a classifier model")
  static let notEmbedding = wrongModel("Model is not an embedding model")
  static let notReranker = wrongModel("model is not a re-ranker model")
  static let notSparse = wrongModel("Model is not an embedding model with SPLADE pooling")
  static let scoreIsNaN = ServerError(.backend, "score is NaN")
  static func tokenizer(_ problem: String) -> ServerError {
    ServerError(.tokenizer, "tokenizer error \(problem)")
  }
}

// MARK: Errors of a request

extension ServerError {
  /// A field that must not be empty, as in `` `inputs` cannot be empty``.
  static func empty(_ field: String) -> ServerError {
    ServerError(.empty, "`\(field)` cannot be empty")
  }
  /// A field that was empty at tokenization.
  static func emptyInput(_ field: String = "inputs") -> ServerError {
    ServerError(.empty, "Input validation error: `\(field)` cannot be empty")
  }
  static func batchTooLarge(_ count: Int, maximum: Int) -> ServerError {
    ServerError(
      .validation, "batch size \(count) > maximum allowed batch size \(maximum)",
      failure: .batchSize)
  }
  /// More inputs than the queue ever admits.
  static func tooManyInputs(_ count: Int, maximum: Int) -> ServerError {
    ServerError(
      .validation,
      "the request has \(count) inputs, but the server admits \(maximum) at a time "
        + "(--max-concurrent-requests); send fewer in a request", failure: .batchSize)
  }
  static func invalid(_ problem: String) -> ServerError {
    ServerError(.validation, "Input validation error: \(problem)")
  }
  static func tooManyTokens(_ count: Int, maximum: Int) -> ServerError {
    invalid("`inputs` must have less than \(maximum) tokens. Given: \(count)")
  }
  static func tooManyCharacters(_ count: Int, maximum: Int) -> ServerError {
    invalid("`inputs` must have less than \(maximum) characters. Given: \(count)")
  }
  static let dimensionsNotPositive = invalid("`dimensions` should be positive")
  static let dimensionsTooLarge = invalid(
    "`dimensions` should be smaller than the maximum embedding dimension.")
}

// MARK: Errors with a specific HTTP status

extension ServerError {
  static let unauthorized = ServerError(
    .validation, "send the server's key as `Authorization: Bearer <key>`", status: 401)
  static let wrongKey = ServerError(
    .validation, "the key in `Authorization: Bearer <key>` is not the server's", status: 401)
  static func notFound(_ path: String) -> ServerError {
    ServerError(
      .validation, "there is no \(path.bounded(to: 128)); /api-doc/openapi.json lists the routes",
      status: 404)
  }
  /// `served` has the names of the server's models.
  static func noModel(_ name: String, served: [String]) -> ServerError {
    var names = served.prefix(20).map { $0.bounded(to: 128) }
    if served.count > names.count { names.append("\(served.count - names.count) more") }
    return ServerError(
      .validation,
      "there is no model \(name.bounded(to: 128)); this server has \(names.joined(separator: ", "))",
      status: 404)
  }
  static let noReload = ServerError(
    .validation,
    "this server does not load models on request; start it with --allow-reload and --api-key, or send"
      + " SIGHUP to its process", status: 403)
  /// The model can't be replaced now, or not by this version.
  static func notReloaded(_ name: String, _ reason: String, status: Int) -> ServerError {
    ServerError(
      .backend,
      "the model \(name.bounded(to: 128)) was not loaded again, and its previous version"
        + " keeps serving: \(reason)", status: status)
  }
  static func methodNotAllowed(allowed: String) -> ServerError {
    ServerError(.validation, "this route takes \(allowed)", status: 405)
  }
  static let payloadTooLarge = ServerError(
    .validation, "Failed to buffer the request body: length limit exceeded", status: 413)
  static let unsupportedMediaType = ServerError(
    .validation, "Expected request with `Content-Type: application/json`", status: 415)
  static func unsupportedEncoding(_ field: String) -> ServerError {
    ServerError(
      .validation,
      "the body has `Content-Encoding: \(field.prefix(64))`; the server reads one of "
        + "\(ContentCoding.accepted), or none", status: 415)
  }
  static func malformedEncoding(_ problem: String) -> ServerError {
    ServerError(
      .validation, "Failed to decompress the request body: \(problem)", status: 400)
  }
}

extension Double {
  /// Whole numbers without a fraction.
  var shortText: String {
    Int(exactly: self).map { String($0) } ?? String(self)
  }
}
#endif
