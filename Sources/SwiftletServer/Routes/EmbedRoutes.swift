#if Server
import Hummingbird
import Swiftlet

/// The routes that compute embeddings: `/embed`, `/embed_all`, `/similarity` and OpenAI's.
enum EmbedRoutes {
  /// `POST /embed`: a row of numbers for each input.
  static func embed(_ call: RouteCall) async throws -> Response {
    let request = try await call.read(EmbedRequest.init(json:))
    let model = call.serving.model
    let inputs = try Inputs(request.inputs, of: "inputs", call)
    try model.check(dimensions: request.dimensions, of: .pooled)
    let policy = call.serving.truncationPolicy(request.truncate, request.truncationDirection)
    let prompt = try model.prompt(named: request.promptName)
    return try await inputs.inference.respond { (index) throws(ServerError) in
      try inputs.encode(index, prompt: prompt, policy)
    } write: { (rows, _) throws(ServerError) in
      ResponseWriter.embeddings(
        try model.embeddings(
          rows, dimensions: request.dimensions, normalizes: request.normalize ?? true))
    }
  }

  /// `POST /embed_all`: the rows of each input's tokens, special ones included. They are neither
  /// shortened nor normalised unless the request asks for it.
  static func embedAll(_ call: RouteCall) async throws -> Response {
    let request = try await call.read(EmbedRequest.init(json:))
    let model = call.serving.model
    let inputs = try Inputs(request.inputs, of: "inputs", call)
    try model.check(dimensions: request.dimensions, of: .tokens)
    let policy = call.serving.truncationPolicy(request.truncate, request.truncationDirection)
    let prompt = try model.prompt(named: request.promptName)
    return try await inputs.inference.respond(.tokens) { (index) throws(ServerError) in
      try inputs.encode(index, prompt: prompt, policy)
    } write: { (rows, _) throws(ServerError) in
      let texts = try rows.map { (rows) throws(ServerError) in
        try model.tokenEmbeddings(
          rows, dimensions: request.dimensions, normalizes: request.normalize ?? false)
      }
      return ResponseWriter.tokenEmbeddings(texts, width: request.dimensions ?? model.tokenWidth)
    }
  }

  /// `POST /embed_sparse`: an error, because Swiftlet does not compute sparse embeddings.
  static func embedSparse(_ call: RouteCall) async throws -> Response {
    _ = try await call.read(EmbedRequest.init(json:))
    throw ServerError.notSparse
  }

  /// `POST /similarity`: the similarity of each sentence to the source sentence.
  static func similarity(_ call: RouteCall) async throws -> Response {
    let request = try await call.read(SimilarityRequest.init(json:))
    try call.requireNonEmpty(request.sentences.count, of: "inputs.sentences")
    let texts = [request.sourceSentence] + request.sentences
    let inputs = try Inputs(.batch(texts.map { .text($0) }), of: "inputs", call)
    let model = call.serving.model
    let policy = call.serving.truncationPolicy(request.truncate, request.truncationDirection)
    let prompt = try model.prompt(named: request.promptName)
    return try await inputs.inference.respond { (index) throws(ServerError) in
      try inputs.encode(index, prompt: prompt, policy)
    } write: { (rows, _) throws(ServerError) in
      let vectors = try model.embeddings(rows, dimensions: nil, normalizes: false)
      return ResponseWriter.similarities(
        vectors.dropFirst().map { cosine(vectors[0], $0) })
    }
  }

  /// `POST /v1/embeddings`: always normalised, and truncated by the server's default.
  static func openAI(_ call: RouteCall) async throws -> Response {
    let request = try await call.read(OpenAIEmbeddingsRequest.init(json:))
    return try await call.selecting(request.model).counted { try await openAI(request, $0) }
  }

  private static func openAI(
    _ request: OpenAIEmbeddingsRequest, _ call: RouteCall
  ) async throws -> Response {
    let serving = call.serving
    let inputs = try Inputs(request.input, of: "inputs", call)
    try serving.model.check(dimensions: request.dimensions, of: .pooled)
    let policy = serving.truncationPolicy(nil, .right)
    let prompt = try serving.model.prompt(named: nil)
    return try await inputs.inference.respond { (index) throws(ServerError) in
      try inputs.encode(index, prompt: prompt, policy)
    } write: { (rows, work) throws(ServerError) in
      let vectors = try serving.model.embeddings(
        rows, dimensions: request.dimensions, normalizes: true)
      return ResponseWriter.openAIEmbeddings(
        vectors, format: request.encodingFormat, model: serving.configuration.servedModelName,
        promptTokens: work.tokens)
    }
  }

  /// The inputs of a request to an embedding model.
  private struct Inputs {
    let inputs: [EmbedInput]
    let inference: InferenceCall

    init(_ inputs: EmbedInputs, of field: String, _ call: RouteCall) throws(ServerError) {
      let method: RequestMethod
      switch inputs {
      case .single(let input): (self.inputs, method) = ([input], .single)
      case .batch(let batch): (self.inputs, method) = (batch, .batch)
      }
      if case .single(.ids(let ids)) = inputs { try call.requireNonEmpty(ids.count, of: field) }
      try call.require(.embedding, otherwise: .notEmbedding)
      inference = InferenceCall(
        call: call, task: .embed, method: method, count: self.inputs.count)
    }

    func encode(
      _ index: Int, prompt: String, _ policy: TruncationPolicy
    ) throws(ServerError) -> EncodedInput {
      switch inputs[index] {
      case .text(let text): try inference.call.serving.model.encode(text, prompt: prompt, policy)
      case .ids(let ids):
        try inference.call.serving.model.encode(ids: ids, prompt: prompt, policy)
      }
    }
  }
}

extension ServedModel {
  fileprivate func embeddings(
    _ rows: [[Float]], dimensions: Int?, normalizes: Bool
  ) throws(ServerError) -> [[Float]] {
    try rows.map { (row) throws(ServerError) in
      try embedding(row, dimensions: dimensions ?? texts.dimensions, normalizes: normalizes)
    }
  }
}
#endif
