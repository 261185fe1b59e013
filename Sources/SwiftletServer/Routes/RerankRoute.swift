#if Server
import Hummingbird
import Swiftlet

/// `POST /rerank`: texts ordered by their relevance to a query.
enum RerankRoute {
  static func respond(_ call: RouteCall) async throws -> Response {
    let request = try await call.read(RerankRequest.init(json:))
    try call.requireNonEmpty(request.texts.count, of: "texts")
    try call.require(.reranker, otherwise: .notReranker)
    let model = call.serving.model
    let policy = call.serving.truncationPolicy(request.truncate, request.truncationDirection)
    let inference = InferenceCall(
      call: call, task: .predict, method: .batch, count: request.texts.count)
    return try await inference.respond { (index) throws(ServerError) in
      try model.encode(
        request.query, pair: request.texts[index], prompt: model.texts.defaultPrompt, policy)
    } write: { (rows, _) throws(ServerError) in
      let scores = try rows.map { (logits) throws(ServerError) in
        try model.scores(logits, request.rawScores ? ScoreFunction.none : nil)
      }
      let ranks = model.ranks(scores, texts: request.returnText ? request.texts : nil)
      call.serving.recordScores(scores)
      return ResponseWriter.ranks(ranks)
    }
  }
}
#endif
