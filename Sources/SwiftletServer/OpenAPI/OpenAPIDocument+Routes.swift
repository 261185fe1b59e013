#if Server
extension OpenAPIDocument {
  /// Every route that the server answers.
  static func routes(info: ServerInfo, requiresKey: Bool) -> [OpenAPIRoute] {
    let main = mainRoute(info)
    let aliases = ["/", "/invocations"].map { path in
      var route = main
      route.path = path
      route.summary = "The same as \(main.path)"
      return route
    }
    var openAIAlias = openAIEmbeddings(info)
    openAIAlias.path = "/embeddings"
    let routes =
      [
        predict(info), rerank(info), embed(info), embedAll(info), embedSparse(info),
        similarity(info), openAIEmbeddings(info), openAIAlias, tokenize(info), decode(info),
      ] + aliases + [describe(info)] + models(info) + publicRoutes
    guard requiresKey else { return routes }
    return routes.map { route in
      guard route.isProtected else { return route }
      var route = route
      route.responses.append(
        .failure(
          .unauthorized, "The key is missing or wrong", isOpenAI: route.tag == openAITag))
      return route
    }
  }

  static let openAITag = "OpenAI"
  private static let modelTag = "Swiftlet"

  /// What `POST /` is for the model.
  private static func mainRoute(_ info: ServerInfo) -> OpenAPIRoute {
    switch info.modelType {
    case .classifier: predict(info)
    case .reranker: rerank(info)
    case .embedding: info.comparesSentences ? similarity(info) : embed(info)
    }
  }

  /// A route of the model.
  private static func model(
    _ path: String, _ summary: String, _ info: ServerInfo, tag: String = modelTag,
    _ request: OpenAPIRoute.Request, _ response: OpenAPIRoute.Response, wrongModel: ServerError
  ) -> OpenAPIRoute {
    let isOpenAI = tag == openAITag
    return OpenAPIRoute(
      method: .post, path: path, tag: tag, summary: summary, request: request,
      responses: [response] + OpenAPIRoute.Response.refusals(info, isOpenAI: isOpenAI)
        + OpenAPIRoute.Response.modelRefusals(wrongModel, isOpenAI: isOpenAI),
      isProtected: true, hasComputeHeaders: true)
  }

  // MARK: Routes of the model

  private static func predict(_ info: ServerInfo) -> OpenAPIRoute {
    var labels = ["NEGATIVE", "POSITIVE"]
    if case .classifier(let own) = info.modelType { labels = own }
    // All alike: the example shows the form, not what the model would say.
    let score = 1 / Float(max(labels.count, 1))
    return model(
      "/predict", "Labels of texts or of pairs of texts, with scores", info,
      OpenAPIRoute.Request(
        schema: "PredictRequest",
        examples: [
          ("text", #"{"inputs":"A film of rare warmth."}"#),
          ("pair", #"{"inputs":["A man sleeps.","Somebody is asleep."]}"#),
          ("batch", #"{"inputs":[["A film of rare warmth."],["Dreadful."]],"raw_scores":true}"#),
          (
            "parameters",
            #"{"inputs":"Dreadful.","parameters":{"function_to_apply":"sigmoid","top_k":1}}"#
          ),
        ]),
      .json(
        "PredictResponse", "A list of all labels, for a batch a list of such lists",
        ResponseWriter.predictions(labels.map { Prediction(label: $0, score: score) })),
      wrongModel: .notClassifier)
  }

  private static func rerank(_ info: ServerInfo) -> OpenAPIRoute {
    model(
      "/rerank", "Texts in the order in which they fit a query", info,
      OpenAPIRoute.Request(
        schema: "RerankRequest",
        examples: [
          (
            "texts",
            #"{"query":"Who wrote it?","texts":["It was Ada.","It rained."],"return_text":true}"#
          )
        ]),
      .json(
        "RerankResponse", "The best first",
        ResponseWriter.ranks([
          Rank(index: 0, score: 0.98, text: "It was Ada."),
          Rank(index: 1, score: 0.02, text: "It rained."),
        ])),
      wrongModel: .notReranker)
  }

  private static let embedExamples = [
    ("text", #"{"inputs":"A cat sleeps."}"#),
    ("batch", #"{"inputs":["A cat sleeps.","The kitten naps."],"normalize":false}"#),
    ("ids", #"{"inputs":[101,1037,4937,102],"truncate":true,"truncation_direction":"Right"}"#),
  ]

  private static func embed(_ info: ServerInfo) -> OpenAPIRoute {
    model(
      "/embed", "Embeddings of texts", info,
      OpenAPIRoute.Request(schema: "EmbedRequest", examples: embedExamples),
      .json(
        "EmbedResponse", "One for each input, also for a single one",
        ResponseWriter.embeddings([[0.6, -0.8]])),
      wrongModel: .notEmbedding)
  }

  private static func embedAll(_ info: ServerInfo) -> OpenAPIRoute {
    model(
      "/embed_all",
      "A row for each token, special ones included, not pooled; normalised only if `normalize` is true",
      info, OpenAPIRoute.Request(schema: "EmbedRequest", examples: embedExamples),
      .json(
        "EmbedAllResponse", "The rows of each input",
        ResponseWriter.tokenEmbeddings([[0.6, -0.8, 0.25, 0.5]], width: 2)),
      wrongModel: .notEmbedding)
  }

  private static func embedSparse(_ info: ServerInfo) -> OpenAPIRoute {
    OpenAPIRoute(
      method: .post, path: "/embed_sparse", tag: modelTag,
      summary: "Sparse embeddings, which no model of this server makes",
      request: OpenAPIRoute.Request(schema: "EmbedRequest", examples: embedExamples),
      responses: OpenAPIRoute.Response.refusals(info)
        + OpenAPIRoute.Response.modelRefusals(.notSparse),
      isProtected: true)
  }

  private static func similarity(_ info: ServerInfo) -> OpenAPIRoute {
    model(
      "/similarity", "The cosines of one text's embedding with others'", info,
      OpenAPIRoute.Request(
        schema: "SimilarityRequest",
        examples: [
          (
            "texts",
            #"{"inputs":{"source_sentence":"A cat sleeps.","sentences":["The kitten naps."]}}"#
          ),
          (
            "parameters",
            #"{"inputs":{"source_sentence":"A cat.","sentences":["A dog."]},"parameters":{"truncate":true}}"#
          ),
        ]),
      .json("SimilarityResponse", "One for each of the texts", ResponseWriter.similarities([0.87])),
      wrongModel: .notEmbedding)
  }

  private static func openAIEmbeddings(_ info: ServerInfo) -> OpenAPIRoute {
    var name = JSONText()
    name.string(info.servedModelName)
    let model = String(decoding: name.bytes, as: UTF8.self)
    return Self.model(
      "/v1/embeddings", "Embeddings, as OpenAI's clients ask for them", info, tag: openAITag,
      OpenAPIRoute.Request(
        schema: "OpenAIEmbeddingsRequest",
        examples: [
          ("text", #"{"input":"A cat sleeps.","model":\#(model)}"#),
          ("base64", #"{"input":["A cat sleeps."],"encoding_format":"base64"}"#),
        ]),
      .json(
        "OpenAIEmbeddingsResponse", "One for each input, of length 1",
        ResponseWriter.openAIEmbeddings(
          [[0.6, -0.8]], format: .float, model: info.servedModelName, promptTokens: 6)),
      wrongModel: .notEmbedding)
  }

  // MARK: Routes of the tokenizer

  private static func tokenize(_ info: ServerInfo) -> OpenAPIRoute {
    OpenAPIRoute(
      method: .post, path: "/tokenize", tag: modelTag, summary: "The tokens of texts, never cut",
      request: OpenAPIRoute.Request(
        schema: "TokenizeRequest",
        examples: [
          ("text", #"{"inputs":"hello"}"#),
          ("batch", #"{"inputs":["hello","world"],"add_special_tokens":false}"#),
        ]),
      responses: [
        .json(
          "TokenizeResponse", "The tokens of each text",
          ResponseWriter.tokens([
            [
              TokenInfo(id: 101, text: "[CLS]", isSpecial: true),
              TokenInfo(id: 7592, text: "hello", isSpecial: false, range: 0..<5),
              TokenInfo(id: 102, text: "[SEP]", isSpecial: true),
            ]
          ]))
      ] + OpenAPIRoute.Response.refusals(info) + [loading],
      isProtected: true)
  }

  private static func decode(_ info: ServerInfo) -> OpenAPIRoute {
    OpenAPIRoute(
      method: .post, path: "/decode", tag: modelTag, summary: "The texts of token ids",
      request: OpenAPIRoute.Request(
        schema: "DecodeRequest",
        examples: [
          ("text", #"{"ids":[101,7592,102]}"#),
          ("batch", #"{"ids":[[101,7592,102],[7592]],"skip_special_tokens":false}"#),
        ]),
      responses: [
        .json("DecodeResponse", "One for each list of ids", ResponseWriter.texts(["hello"]))
      ] + OpenAPIRoute.Response.refusals(info) + [loading],
      isProtected: true)
  }

  // MARK: Routes about the server

  private static let loading = OpenAPIRoute.Response.failure(
    .unhealthy, "The model is not loaded yet")

  private static func describe(_ info: ServerInfo) -> OpenAPIRoute {
    OpenAPIRoute(
      method: .get, path: "/info", tag: modelTag, summary: "The model and the limits",
      responses: [.json("Info", "What is served", ResponseWriter.info(info)), loading],
      isProtected: true)
  }

  private static func models(_ info: ServerInfo) -> [OpenAPIRoute] {
    func get(
      _ path: String, _ summary: String, _ schema: String, _ example: [UInt8],
      _ others: [OpenAPIRoute.Response] = []
    ) -> OpenAPIRoute {
      OpenAPIRoute(
        method: .get, path: path, tag: openAITag, summary: summary,
        responses: [.json(schema, "The model that is served", example)] + others + [
          .failure(.unhealthy, "The model is not loaded yet", isOpenAI: true)
        ], isProtected: true)
    }
    let list = ResponseWriter.models(info, created: 1_767_225_600)
    return ["/v1/models", "/models"].map { path in
      get(path, "The models, of which there is one", "OpenAIModels", list)
    } + [
      get(
        Route.modelPath, "A model by its name", "OpenAIModel",
        ResponseWriter.model(info, created: 1_767_225_600),
        [
          .failure(
            .noModel("other", served: info.servedModelName), "No model has that name",
            isOpenAI: true)
        ])
    ]
  }

  private static var publicRoutes: [OpenAPIRoute] {
    func get(
      _ path: String, _ summary: String, _ responses: [OpenAPIRoute.Response]
    ) -> OpenAPIRoute {
      OpenAPIRoute(
        method: .get, path: path, tag: "Server", summary: summary, responses: responses,
        isProtected: false)
    }
    let health = ["/health", "/ping", "/"].map { path in
      get(
        path, "Whether the server can answer",
        [
          .empty("It can"),
          .failure(.unhealthy, "The model is not loaded yet, or the server stops"),
        ])
    }
    return health + [
      get(
        "/metrics", "Metrics for Prometheus",
        [.text("text/plain", "In Prometheus' text format")]),
      get(
        "/api-doc/openapi.json", "This document",
        [.json("Document", "OpenAPI 3.1", Array(#"{"openapi":"3.1.0"}"#.utf8)), loading]),
      get("/ui", "A page to try the model on", [.text("text/html", "HTML")]),
      get("/docs", "A page that shows this document", [.text("text/html", "HTML")]),
    ]
  }
}
#endif
