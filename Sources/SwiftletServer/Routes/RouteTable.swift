#if Server
import HTTPTypes
import Hummingbird

/// The endpoints of a path, by method.
struct Route: Sendable {
  typealias Handler = @Sendable (RouteCall) async throws -> Response

  /// The kind of handler of a request.
  enum Endpoint: Sendable {
    /// Needs the server's key, if it has one, and a loaded model.
    case model(Handler)
    /// As `model`, with the handler of the model's main task.
    case mainTask
    /// `/info`: needs the key.
    case info
    /// `/v1/models`: needs the key.
    case models
    /// One model of that list, by the name in the path.
    case listedModel
    /// Loads a model again: needs the key, and a server that allows it.
    case reload
    case health
    case metrics
    case document
    case page
    /// A page that shows the document.
    case documentation
  }

  var get: Endpoint?
  var post: Endpoint?
  /// Whether errors are written as OpenAI's clients expect them.
  var hasOpenAIErrors = false

  /// The methods as the header `Allow` lists them.
  var allowed: String {
    [get == nil ? nil : "GET, HEAD", post == nil ? nil : "POST"].compactMap { $0 }
      .joined(separator: ", ")
  }

  func endpoint(_ method: HTTPRequest.Method) -> Endpoint? {
    switch method {
    case .get, .head: get
    case .post: post
    default: nil
    }
  }

  /// All routes by path.
  static let table: [String: Route] = [
    "/": Route(get: .health, post: .mainTask),
    "/health": Route(get: .health),
    "/ping": Route(get: .health),
    "/metrics": Route(get: .metrics),
    "/info": Route(get: .info),
    "/ui": Route(get: .page),
    "/docs": Route(get: .documentation),
    "/api-doc/openapi.json": Route(get: .document),
    "/invocations": Route(post: .mainTask),
    "/predict": Route(post: .model(PredictRoute.respond)),
    "/rerank": Route(post: .model(RerankRoute.respond)),
    "/embed": Route(post: .model(EmbedRoutes.embed)),
    "/embed_all": Route(post: .model(EmbedRoutes.embedAll)),
    "/embed_sparse": Route(post: .model(EmbedRoutes.embedSparse)),
    "/similarity": Route(post: .model(EmbedRoutes.similarity)),
    "/tokenize": Route(post: .model(TokenRoutes.tokenize)),
    "/decode": Route(post: .model(TokenRoutes.decode)),
    "/v1/embeddings": Route(post: .model(EmbedRoutes.openAI), hasOpenAIErrors: true),
    "/embeddings": Route(post: .model(EmbedRoutes.openAI), hasOpenAIErrors: true),
    "/v1/models": Route(get: .models, hasOpenAIErrors: true),
    "/models": Route(get: .models, hasOpenAIErrors: true),
  ]

  /// The handler of the model's main task.
  static func mainTask(of serving: Serving) -> Handler {
    switch serving.model.kind {
    case .classifier: PredictRoute.respond
    case .reranker: RerankRoute.respond
    case .embedding:
      serving.configuration.comparesSentences ? EmbedRoutes.similarity : EmbedRoutes.embed
    }
  }
}
#endif
