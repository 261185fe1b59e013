#if Server
import HTTPTypes
import Hummingbird

/// Answers every request: finds the route, checks the key, and turns errors into JSON.
///
/// The paths are fixed, so a dictionary is the whole router. It knows the methods of each path, for
/// 405.
struct ServerResponder: HTTPResponder {
  typealias Context = ServerContext

  let state: ServerState
  let connections: ClientConnections
  let requestLog: RequestLog
  private let authorization: Authorization
  private let crossOrigin: CrossOrigin
  private let requiresKey: Bool
  private let trace = RequestTrace()

  init(
    _ configuration: ServerConfiguration, state: ServerState, connections: ClientConnections,
    log: RequestLog
  ) {
    self.state = state
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
    guard let (routePath, route) = Route.find(path) else {
      return Self.refusal(.notFound(path), isOpenAI: false)
    }
    context.coreContext.endpointPath.value = routePath
    guard let endpoint = route.endpoint(request.method) else {
      var response = Self.refusal(
        .methodNotAllowed(allowed: route.allowed), isOpenAI: route.hasOpenAIErrors)
      response.headers[.allow] = route.allowed
      return response
    }
    do {
      return try await response(endpoint, request, context, start)
    } catch let error as ServerError {
      if let cause = error.cause { requestLog.refusedMemory(cause) }
      return Self.refusal(error, isOpenAI: route.hasOpenAIErrors)
    }
  }

  private func response(
    _ endpoint: Route.Endpoint, _ request: Request, _ context: ServerContext,
    _ start: ContinuousClock.Instant
  ) async throws -> Response {
    switch endpoint {
    case .health:
      guard state.isHealthy else { throw ServerError.unhealthy }
      return Response(status: .ok)
    case .metrics:
      let page =
        ((try? state.serving())?.metrics.page() ?? ProcessMetrics.render())
        + PrometheusText.family(
          "swiftlet_connections_open", .gauge, help: "Connections that are open.",
          Double(connections.count)) + requestLog.metrics.page()
      return Response(Array(page.utf8), contentType: ServerMetrics.contentType)
    case .page: return Response(Page.ui, contentType: "text/html; charset=utf-8")
    case .documentation:
      return Response(Page.docs, contentType: "text/html; charset=utf-8")
    case .document:
      let document = OpenAPIDocument.json(
        info: try state.serving().info, requiresKey: requiresKey)
      return Response(Array(document.utf8))
    case .info:
      try authorize(request)
      return Response(ResponseWriter.info(try state.serving().info))
    case .models:
      try authorize(request)
      return Response(try models(request.uri.path))
    case .model(let handler):
      return try await counted(handler, try call(request, context, start))
    case .mainTask:
      let call = try call(request, context, start)
      return try await counted(Route.mainTask(of: call.serving), call)
    }
  }

  /// The list of the one model, or the model whose name is in the path.
  private func models(_ path: String) throws -> [UInt8] {
    let serving = try state.serving()
    let prefix = Route.modelPath.dropLast("{model}".count)
    guard path.hasPrefix(prefix) else {
      return ResponseWriter.models(serving.info, created: serving.created)
    }
    let name = String(path.dropFirst(prefix.count))
    guard name.withoutPercentEncoding == serving.info.servedModelName else {
      throw ServerError.noModel(name, served: serving.info.servedModelName)
    }
    return ResponseWriter.model(serving.info, created: serving.created)
  }

  /// Answers a call, and counts its failure in the metrics unless the body is malformed.
  private func counted(_ handler: Route.Handler, _ call: RouteCall) async throws -> Response {
    do {
      return try await handler(call)
    } catch let error as ServerError {
      if let failure = error.failure { call.serving.metrics.requestFailed(failure) }
      throw error
    }
  }

  private func call(
    _ request: Request, _ context: ServerContext, _ start: ContinuousClock.Instant
  ) throws(ServerError) -> RouteCall {
    try authorize(request)
    let serving = try state.serving()
    let call = RouteCall(
      request: request, serving: serving, client: connections.client(of: context.channel),
      start: start, bodyShare: serving.bodies.makeShare())
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
      isOpenAI ? ResponseWriter.openAIError(error) : ResponseWriter.error(error),
      status: HTTPResponse.Status(code: error.status), headers: error.fields)
  }
}
#endif
