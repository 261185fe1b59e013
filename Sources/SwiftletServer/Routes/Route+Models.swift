#if Server
extension Route {
  /// A route, and what a path says about it.
  struct Match: Sendable {
    /// The path in the OpenAPI document.
    let path: String
    let route: Route
    /// The name of a model in the path, without percent-encoding; nil for the first model.
    var model: String?
  }

  /// The path of a model in OpenAI's list.
  static let listedModelPath = "/v1/models/{model}"
  /// The path of a model; its routes follow. The name may have slashes.
  static let modelPath = "/models/{model}"

  /// The routes of one model, by what follows ``modelPath``. The empty one is that of the Hub's
  /// inference API, and `/invoke` that of SageMaker's servers of several models.
  static let ofModel: [String: Route] = {
    let shared = [
      "/predict", "/rerank", "/embed", "/embed_all", "/embed_sparse", "/similarity", "/tokenize",
      "/decode", "/v1/embeddings", "/embeddings", "/invocations", "/info", "/health",
    ]
    var routes = table.filter { shared.contains($0.key) }
    routes[""] = Route(get: .listedModel, post: .mainTask)
    routes["/invoke"] = Route(post: .mainTask)
    routes["/v1/models"] = Route(get: .listedModel, hasOpenAIErrors: true)
    routes["/reload"] = Route(post: .reload)
    return routes
  }()

  /// The keys of ``ofModel``, the longest first.
  private static let suffixes = ofModel.keys.sorted {
    ($1.utf8.count, $1) < ($0.utf8.count, $0)
  }

  /// Endings of names that would make paths ambiguous.
  static let modelEndings = suffixes.filter { !$0.isEmpty } + ["/v1"]

  /// Whether a path is that of a health check.
  static func isProbe(_ path: String) -> Bool {
    if case .health? = table[path]?.get { return true }
    return path.hasPrefix("/models/") && path.hasSuffix("/health")
  }

  /// Finds the route of a path, for a server of models with these names. The name in the path may be
  /// another one; then the match has it.
  static func find(_ path: String, models: [String]) -> Match? {
    if let route = table[path] { return Match(path: path, route: route) }
    if let name = path.dropping(prefix: "/v1/models/") {
      let route = Route(get: .listedModel, hasOpenAIErrors: true)
      return Match(path: listedModelPath, route: route, model: name.withoutPercentEncoding)
    }
    guard let rest = path.dropping(prefix: "/models/") else { return nil }
    var unknown: Match?
    for suffix in suffixes where rest.hasSuffix(suffix) && rest.utf8.count > suffix.utf8.count {
      guard let route = ofModel[suffix] else { continue }
      let name = String(rest.dropLast(suffix.count)).withoutPercentEncoding
      let match = Match(path: modelPath + suffix, route: route, model: name)
      if models.contains(name) { return match }
      unknown = unknown ?? match
    }
    // A model of the server, but not one of its routes.
    let decoded = rest.withoutPercentEncoding
    return models.contains { decoded.hasPrefix($0 + "/") } ? nil : unknown
  }
}

extension String {
  /// What follows a prefix; nil if nothing does, or the text has another beginning.
  fileprivate func dropping(prefix: String) -> String? {
    guard hasPrefix(prefix), utf8.count > prefix.utf8.count else { return nil }
    return String(dropFirst(prefix.count))
  }
}
#endif
