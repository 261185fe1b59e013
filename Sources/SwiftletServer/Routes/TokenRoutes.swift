#if Server
import Hummingbird

/// `POST /tokenize` and `POST /decode`: the tokenizer alone, without the queue.
enum TokenRoutes {
  static func tokenize(_ call: RouteCall) async throws -> Response {
    let request = try await call.read(TokenizeRequest.init(json:))
    let texts =
      switch request.inputs {
      case .single(let text): [text]
      case .batch(let batch): batch
      }
    try call.requireNonEmpty(texts.count, of: "inputs")
    try call.serving.check(batchSize: texts.count)
    let prompt = try call.serving.model.prompt(named: request.promptName)
    let size = bytesPerByte * texts.reduce(0) { $0 + $1.utf8.count }
    let share = try call.responseShare(of: size)
    let body = try await call.making(bytes: size) { () async throws(ServerError) in
      var answers: [[TokenInfo]] = []
      for text in texts {
        answers.append(
          try call.serving.model.tokens(
            of: text, prompt: prompt, addSpecialTokens: request.addSpecialTokens))
        if text.utf8.count > 4096 { await Task.yield() }
      }
      return ResponseContent(ResponseWriter.tokens(answers), accepting: call.acceptedCodings)
    }
    return Response(body, holding: share)
  }

  /// A token takes about 120 bytes while the response is written, and at least one byte of text.
  private static let bytesPerByte = 128

  static func decode(_ call: RouteCall) async throws -> Response {
    let request = try await call.read(DecodeRequest.init(json:))
    let lists: [[Int]]
    switch request.ids {
    case .single(let ids):
      try call.requireNonEmpty(ids.count, of: "ids")
      lists = [ids]
    case .batch(let batch):
      try call.requireNonEmpty(batch.count, of: "ids")
      lists = batch
    }
    try call.serving.check(batchSize: lists.count)
    let size = bytesPerID * lists.reduce(0) { $0 + $1.count }
    let share = try call.responseShare(of: size)
    let body = try await call.making(bytes: size) { () async throws(ServerError) in
      let texts = try lists.map { (ids) throws(ServerError) in
        guard !ids.isEmpty else { throw .emptyInput("input_ids") }
        return call.serving.model.text(of: ids, skipSpecialTokens: request.skipSpecialTokens)
      }
      return ResponseContent(ResponseWriter.texts(texts), accepting: call.acceptedCodings)
    }
    return Response(body, holding: share)
  }

  /// A token's text as it is and as JSON.
  private static let bytesPerID = 24
}
#endif
