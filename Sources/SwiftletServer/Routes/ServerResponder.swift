#if Server
import HTTPTypes
import Hummingbird

/// Answers every request: finds the route, checks the key, and turns errors into JSON.
///
/// The paths are fixed except for the names of models, so a dictionary is the whole router. It knows
/// the methods of each path, for 405.
struct ServerResponder: HTTPResponder {
  typealias Context = ServerContext

  let state: ServerState
  let connections: ClientConnections
  let requestLog: RequestLog
  private let loader: ModelLoader
  private let modelNames: [String]
  private let allowsReload: Bool
  private let compresses: Bool
  private let authorization: Authorization
  private let crossOrigin: CrossOrigin
  private let requiresKey: Bool
  private let trace = RequestTrace()

  init(
    _ configuration: ServerConfiguration, state: ServerState, loader: ModelLoader,
    connections: ClientConnections, log: RequestLog
  ) {
    self.state = state
    self.loader = loader
    modelNames = configuration.modelNames
    allowsReload = configuration.allowsReload
    compresses = configuration.compressesResponses
    self.connections = connections
    requestLog = log
    authorization = Authorization(apiKey: configuration.apiKey)
    requiresKey = configuration.apiKey != nil
    crossOrigin = CrossOrigin(origins: configuration.corsAllowOrigins)
  }

  func respond(to request: Request, context: ServerContext) async throws -> Response {
    let start = ContinuousClock.now
    return try await trace.follow(request, context) { request, context in
      let preflight = crossOrigin.preflight(request)
      var response =
        if let preflight { preflight } else { try await answerOffLoop(request, context, start) }
      if request.method == .head { response = response.createHeadResponse() }
      switch request.headers[.connection] {
      case "close": response.headers[.connection] = "close"
      // The connection will close, so the client must not send another request on it.
      case _ where state.isDraining: response.headers[.connection] = "close"
      // HTTP/1.0 clients need it.
      case "keep-alive", "Keep-Alive": response.headers[.connection] = "keep-alive"
      default: break
      }
      let id = RequestID.of(request.headers)
      if let name = RequestID.header { response.headers[name] = id }
      guard preflight == nil else { return response }
      crossOrigin.allow(request, &response)
      requestLog.answered(
        request, response, id: id, after: ContinuousClock.now - start, context)
      return response
    }
  }

  /// Maximum size of a body that is read and tokenized on the connection's event loop: about a
  /// millisecond.
  private static let maxBytesOnLoop = 65_536

  /// Answers on the event loop, unless that would delay the loop's other connections.
  private func answerOffLoop(
    _ request: Request, _ context: ServerContext, _ start: ContinuousClock.Instant
  ) async throws -> Response {
    let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    guard
      length > Self.maxBytesOnLoop || request.headers[.transferEncoding] != nil
        || request.headers[.contentEncoding] != nil
    else {
      return try await answer(request, context, start)
    }
    return try await withTaskExecutorPreference(globalConcurrentExecutor) {
      try await answer(request, context, start)
    }
  }

  /// - Throws: Only errors that end the connection: the client disconnected, or its HTTP is
  ///   malformed.
  private func answer(
    _ request: Request, _ context: ServerContext, _ start: ContinuousClock.Instant
  ) async throws -> Response {
    let path = request.uri.path
    guard let match = Route.find(path, models: modelNames) else {
      return Self.refusal(.notFound(path), isOpenAI: false)
    }
    context.coreContext.endpointPath.value = match.path
    let route = match.route
    guard let endpoint = route.endpoint(request.method) else {
      var response = Self.refusal(
        .methodNotAllowed(allowed: route.allowed), isOpenAI: route.hasOpenAIErrors)
      response.headers[.allow] = route.allowed
      return response
    }
    do {
      let target = Target(request: request, context: context, start: start, model: match.model)
      return try await response(endpoint, target)
    } catch let error as ServerError {
      if let cause = error.cause { requestLog.refusedMemory(cause) }
      return Self.refusal(error, isOpenAI: route.hasOpenAIErrors)
    }
  }

  /// A request, and the model that its path names.
  private struct Target {
    let request: Request
    let context: ServerContext
    let start: ContinuousClock.Instant
    let model: String?
  }

  private func response(_ endpoint: Route.Endpoint, _ target: Target) async throws -> Response {
    switch endpoint {
    case .health:
      if let model = target.model, !modelNames.contains(model) {
        _ = try listed(model, target.request)
      }
      guard state.isHealthy else { throw ServerError.unhealthy }
      return Response(status: .ok)
    case .metrics:
      return reply(Array(metrics().utf8), contentType: ServerMetrics.contentType, target)
    case .page: return reply(Page.ui, contentType: Page.contentType, target)
    case .documentation:
      return reply(Page.docs, contentType: Page.contentType, target)
    case .document:
      let document = OpenAPIDocument.json(
        info: try state.serving().info, requiresKey: requiresKey)
      return reply(Array(document.utf8), target)
    case .info:
      return reply(ResponseWriter.info(try listed(target.model, target.request).info), target)
    case .models:
      try authorize(target.request)
      return reply(
        ResponseWriter.models(try state.models().all.map { ($0.info, $0.created) }), target)
    case .listedModel:
      let serving = try listed(target.model, target.request)
      return reply(ResponseWriter.model(serving.info, created: serving.created), target)
    case .reload:
      let serving = try listed(target.model, target.request)
      guard allowsReload else { throw ServerError.noReload }
      return reply(ResponseWriter.reload(try await loader.reload(serving.name)), target)
    case .model(let handler): return try await call(target).counted(handler)
    case .mainTask:
      let call = try call(target)
      return try await call.counted(Route.mainTask(of: call.serving))
    }
  }

  private func reply(
    _ bytes: [UInt8], contentType: String = "application/json", _ target: Target
  ) -> Response {
    let accepted = compresses ? AcceptedCodings(target.request.headers[.acceptEncoding]) : nil
    return Response(ResponseContent(bytes, accepting: accepted), contentType: contentType)
  }

  /// The page for Prometheus.
  private func metrics() -> String {
    let models = (try? state.models())?.all.map(\.metrics) ?? []
    return ServerMetrics.page(of: models)
      + PrometheusText.family(
        "swiftlet_connections_open", .gauge, help: "Connections that are open.",
        Double(connections.count)) + requestLog.metrics.page()
  }

  /// The model of a name, for a client that may see the names.
  private func listed(_ model: String?, _ request: Request) throws(ServerError) -> Serving {
    try authorize(request)
    return try state.models().named(model)
  }

  private func call(_ target: Target) throws(ServerError) -> RouteCall {
    try authorize(target.request)
    let models = try state.models()
    let serving = try models.named(target.model)
    let call = RouteCall(
      request: target.request, serving: serving, models: models, isNamed: target.model != nil,
      client: connections.client(of: target.context.channel), start: target.start,
      bodyShare: models.shared.bodies.makeShare())
    try call.checkMemory()
    return call
  }

  private func authorize(_ request: Request) throws(ServerError) {
    guard authorization.allows(request.headers) else {
      throw request.headers[.authorization] == nil ? .unauthorized : .wrongKey
    }
  }

  private static func refusal(_ error: ServerError, isOpenAI: Bool) -> Response {
    Response(
      ResponseContent(
        isOpenAI ? ResponseWriter.openAIError(error) : ResponseWriter.error(error), accepting: nil),
      status: HTTPResponse.Status(code: error.status), headers: error.fields)
  }
}
#endif
