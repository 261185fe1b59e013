#if Server
import Foundation
import HTTPTypes
import Testing

@testable import SwiftletServer

@Suite struct OpenAPITests {
  private static func info(_ type: ServerInfo.ModelType) -> ServerInfo {
    ServerInfo(
      modelID: "m", modelSHA: nil, modelDtype: "float32", servedModelName: "the \"model\"",
      modelType: type, maxConcurrentRequests: 512, maxInputLength: 128, maxBatchTokens: 16384,
      maxBatchRequests: nil, maxClientBatchSize: 32, autoTruncate: true, tokenizationWorkers: 2,
      version: "0.1.0")
  }

  private static let infos = [
    info(.classifier(labels: ["sad", "glad", "mad"])), info(.reranker(labels: ["fits"])),
    info(.embedding(pooling: "mean")),
  ]

  private func document(_ info: ServerInfo, requiresKey: Bool) throws -> [String: Any] {
    let text = OpenAPIDocument.json(info: info, requiresKey: requiresKey)
    return try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func `exactly the server's routes and methods are documented`() throws {
    let document = try document(Self.infos[0], requiresKey: true)
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    var table = Route.table
    for path in [Route.listedModelPath, Route.modelPath, Route.modelPath + "/reload"] {
      table[path] = try #require(Route.find(path, models: [])).route
    }
    #expect(Set(paths.keys) == Set(table.keys))
    for (path, route) in table {
      let methods = [route.get == nil ? nil : "get", route.post == nil ? nil : "post"]
      #expect(
        Set(try #require(paths[path]).keys) == Set(methods.compactMap { $0 }), "\(path)")
    }
  }

  @Test
  func `the operations' names are unique, and the key is asked for where the server asks for it`()
    throws
  {
    for requiresKey in [false, true] {
      let document = try document(Self.infos[0], requiresKey: requiresKey)
      let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
      let names = paths.values.flatMap { $0.values.compactMap { $0["operationId"] as? String } }
      #expect(Set(names).count == names.count)
      #expect(names.count == paths.values.reduce(0) { $0 + $1.count })
      for (path, operations) in paths {
        for (method, operation) in operations {
          let isProtected =
            method == "post" || path == "/info" || path.contains("/models")
          let responses = try #require(operation["responses"] as? [String: Any])
          #expect((responses["401"] != nil) == (isProtected && requiresKey), "\(path)")
          let security = operation["security"] as? [[String: Any]]
          #expect(security?.count == (requiresKey ? (isProtected ? 1 : 0) : nil))
        }
      }
    }
  }

  /// An operation, its path and its method.
  private typealias Operation = (path: String, method: String, members: [String: Any])

  private func operations(_ document: [String: Any]) throws -> [Operation] {
    let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
    return paths.flatMap { path, operations in
      operations.map { (path: path, method: $0.key, members: $0.value) }
    }
  }

  private func jsonContent(_ body: [String: Any]) -> (schema: String, members: [String: Any])? {
    guard let content = body["content"] as? [String: [String: Any]],
      let members = content["application/json"],
      let reference = (members["schema"] as? [String: String])?["$ref"]
    else { return nil }
    return (String(reference.split(separator: "/").last ?? ""), members)
  }

  private func json(_ value: Any) throws -> [UInt8] {
    Array(try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys]))
  }

  /// JSON with its members in order and its numbers in one spelling.
  private func canonical(_ bytes: [UInt8]) throws -> [UInt8] {
    try json(try JSONSerialization.jsonObject(with: Data(bytes)))
  }

  @Test func `the default route is that of the model's task`() throws {
    var comparing = Self.infos[2]
    comparing.comparesSentences = true
    for (info, path) in zip(
      Self.infos + [comparing], ["/predict", "/rerank", "/embed", "/similarity"])
    {
      let document = try document(info, requiresKey: true)
      let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
      var main = try #require(paths[path]?["post"])
      for (alias, name) in [("/", "post_root"), ("/invocations", "post_invocations")] {
        main["summary"] = "Alias of \(path)"
        main["operationId"] = name
        #expect(try json(main) == json(try #require(paths[alias]?["post"])))
      }
    }
  }

  @Test func `every placeholder is filled, and a model's name is not expanded`() throws {
    for var info in Self.infos {
      for key in [false, true] {
        #expect(!OpenAPIDocument.json(info: info, requiresKey: key).contains("{{"))
      }
      info.servedModelName = "{{version}}"
      let document = try document(info, requiresKey: false)
      let about = try #require(document["info"] as? [String: Any])
      #expect((about["description"] as? String)?.hasPrefix("Serves {{version}}.") == true)
    }
  }

  @Test func `every example of a request is one that its route reads`() throws {
    let parsers: [String: ([UInt8]) throws -> Void] = [
      "PredictRequest": { _ = try PredictRequest(json: $0) },
      "RerankRequest": { _ = try RerankRequest(json: $0) },
      "EmbedRequest": { _ = try EmbedRequest(json: $0) },
      "SimilarityRequest": { _ = try SimilarityRequest(json: $0) },
      "OpenAIEmbeddingsRequest": { _ = try OpenAIEmbeddingsRequest(json: $0) },
      "TokenizeRequest": { _ = try TokenizeRequest(json: $0) },
      "DecodeRequest": { _ = try DecodeRequest(json: $0) },
    ]
    for info in Self.infos {
      let document = try document(info, requiresKey: true)
      let schemas = try SchemaChecker(document)
      for (path, method, members) in try operations(document)
      where method == "post" && !path.hasSuffix("/reload") {
        let body = try #require(members["requestBody"] as? [String: Any])
        let (schema, content) = try #require(jsonContent(body))
        let parse = try #require(parsers[schema], "\(path)")
        let examples = try #require(content["examples"] as? [String: [String: Any]])
        #expect(!examples.isEmpty)
        for (name, example) in examples {
          let bytes = try json(try #require(example["value"]))
          #expect(throws: Never.self, "\(path) \(name)") { try parse(bytes) }
          let problem = try schemas.problem(String(decoding: bytes, as: UTF8.self), schema)
          #expect(problem == nil, "\(path) \(name)")
        }
      }
    }
  }

  /// The writers' output for the examples, by the schema of the response.
  private func written(_ info: ServerInfo) -> [String: [UInt8]] {
    var labels = ["NEGATIVE", "POSITIVE"]
    if case .classifier(let own) = info.modelType { labels = own }
    let score = 1 / Float(labels.count)
    let name = info.servedModelName
    return [
      "PredictResponse": ResponseWriter.predictions(
        labels.map { Prediction(label: $0, score: score) }),
      "RerankResponse": ResponseWriter.ranks([
        Rank(index: 0, score: 0.98, text: "It was Ada."),
        Rank(index: 1, score: 0.02, text: "It rained."),
      ]),
      "EmbedResponse": ResponseWriter.embeddings([[0.6, -0.8]]),
      "EmbedAllResponse": ResponseWriter.tokenEmbeddings([[0.6, -0.8, 0.25, 0.5]], width: 2),
      "SimilarityResponse": ResponseWriter.similarities([0.87]),
      "OpenAIEmbeddingsResponse": ResponseWriter.openAIEmbeddings(
        [[0.6, -0.8]], format: .float, model: name, promptTokens: 6),
      "TokenizeResponse": ResponseWriter.tokens([
        [
          TokenInfo(id: 101, text: "[CLS]", isSpecial: true),
          TokenInfo(id: 7592, text: "hello", isSpecial: false, range: 0..<5),
          TokenInfo(id: 102, text: "[SEP]", isSpecial: true),
        ]
      ]),
      "DecodeResponse": ResponseWriter.texts(["hello"]),
      "Info": ResponseWriter.info(info),
      "OpenAIModels": ResponseWriter.models([(info, created: 1_767_225_600)]),
      "OpenAIModel": ResponseWriter.model(info, created: 1_767_225_600),
      "Reload": Array(
        (#"{"model":"# + name.debugDescription + #","model_fingerprint":"2c26b46b68ffc68f","#
          + #""previous_fingerprint":"fcde2b2edba56bf4","#
          + #""changes":["maximum tokens: 128 before, 512 now"],"seconds":0.412}"#).utf8),
      "Document": Array(#"{"openapi":"3.1.0"}"#.utf8),
    ]
  }

  /// The errors that the document shows.
  private func errors(_ info: ServerInfo) -> [ServerError] {
    let syntax =
      "Failed to parse the request body as JSON: the body ends too early at line 1 column 12"
    return [
      ServerError(.validation, syntax, status: 400), .unauthorized, .payloadTooLarge,
      .unsupportedMediaType, .notClassifier, .notReranker, .notEmbedding, .notSparse, .overloaded,
      .unhealthy, .noModel("other", served: [info.servedModelName]), .noReload,
      ModelLoader.busy(info.servedModelName),
      .notReloaded(
        info.servedModelName, "there is no folder path/to/model; check the path", status: 424),
      .batchTooLarge(info.maxClientBatchSize + 1, maximum: info.maxClientBatchSize),
    ]
  }

  @Test func `every response example is what the server writes, by its schema`() throws {
    for info in Self.infos {
      let document = try document(info, requiresKey: true)
      let schemas = try SchemaChecker(document)
      let written = written(info)
      let errors = errors(info)
      let components = try #require(document["components"] as? [String: Any])
      let shared = try #require(components["responses"] as? [String: [String: Any]])
      for (path, method, members) in try operations(document) {
        let responses = try #require(members["responses"] as? [String: [String: Any]])
        for (status, reference) in responses {
          let name = (reference["$ref"] as? String)?.split(separator: "/").last.map(String.init)
          let response = try name.map { try #require(shared[$0], "\($0)") } ?? reference
          guard let (schema, content) = jsonContent(response) else { continue }
          let example = try json(try #require(content["example"], "\(path) \(status)"))
          let problem = try schemas.problem(String(decoding: example, as: UTF8.self), schema)
          #expect(problem == nil, "\(method) \(path) \(status)")
          let expected =
            switch schema {
            case "Error":
              errors.filter { "\($0.status)" == status }.map(ResponseWriter.error)
            case "OpenAIError":
              errors.filter { "\($0.status)" == status }.map(ResponseWriter.openAIError)
            default: [try #require(written[schema], "\(path)")]
            }
          #expect(
            try expected.contains { try canonical($0) == canonical(example) },
            "\(method) \(path) \(status)")
        }
      }
      let batch = ResponseWriter.predictions(batch: [[Prediction(label: "a", score: 1)], []])
      #expect(try schemas.problem(String(decoding: batch, as: UTF8.self), "PredictResponse") == nil)
      let base64 = ResponseWriter.openAIEmbeddings(
        [[1]], format: .base64, model: "m", promptTokens: 1)
      #expect(
        try schemas.problem(String(decoding: base64, as: UTF8.self), "OpenAIEmbeddingsResponse")
          == nil)
    }
  }

  @Test func `the headers and the error types of the document are those of the server`() throws {
    let document = try document(Self.infos[0], requiresKey: false)
    let predict = try #require(
      try operations(document).first { $0.path == "/predict" }?.members["responses"]
        as? [String: [String: Any]])
    let headers = try #require(predict["200"]?["headers"] as? [String: Any])
    #expect(Set(headers.keys) == Set(ComputeHeaders.all.map(\.name.canonicalName)))
    let schemas = try #require(
      (document["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
    let properties = try #require(schemas["Error"]?["properties"] as? [String: [String: Any]])
    #expect(
      properties["error_type"]?["enum"] as? [String] == ErrorType.allCases.map(\.rawValue))
  }

  @Test func `null is documented for every option, under parameters too`() throws {
    let schemas = try SchemaChecker(try document(Self.infos[0], requiresKey: false))
    for (schema, required, options, hasParameters) in [
      ("PredictRequest", #""inputs":"a""#, PredictRequest.options, true),
      ("EmbedRequest", #""inputs":"a""#, EmbedRequest.options, true),
      ("RerankRequest", #""query":"q","texts":["a"]"#, RerankRequest.options, false),
      (
        "SimilarityRequest", #""inputs":{"source_sentence":"s","sentences":["a"]}"#,
        SimilarityRequest.options, true
      ),
      ("OpenAIEmbeddingsRequest", #""input":"a""#, OpenAIEmbeddingsRequest.options, false),
      ("TokenizeRequest", #""inputs":"a""#, TokenizeRequest.options, false),
      ("DecodeRequest", #""ids":[1]"#, DecodeRequest.options, false),
    ] {
      let names = try schemas.properties(of: schema)
      #expect(Set(options).isSubset(of: names), "\(schema)")
      for option in options {
        #expect(try schemas.problem("{\(required),\"\(option)\":null}", schema) == nil)
        guard hasParameters else { continue }
        #expect(names.contains("parameters"))
        let below = "{\(required),\"parameters\":{\"\(option)\":null}}"
        #expect(try schemas.problem(below, schema) == nil)
      }
    }
  }

  @Test(arguments: [
    ("PredictRequest", #"{}"#), ("PredictRequest", #"{"inputs":["a","b","c"]}"#),
    ("PredictRequest", #"{"inputs":[]}"#),
    ("PredictRequest", #"{"inputs":"a","raw_scores":1}"#),
    ("PredictRequest", #"{"inputs":"a","top_k":0}"#),
    ("PredictRequest", #"{"inputs":"a","parameters":{"top_k":0}}"#),
    ("PredictRequest", #"{"inputs":"a","parameters":{"function_to_apply":"tanh"}}"#),
    ("EmbedRequest", #"{"inputs":[1,"a"]}"#), ("EmbedRequest", #"{"inputs":[-1]}"#),
    ("EmbedRequest", #"{"inputs":[4294967296]}"#), ("RerankRequest", #"{"query":"q"}"#),
    ("SimilarityRequest", #"{"inputs":{"sentences":[]}}"#), ("DecodeRequest", #"{"ids":"a"}"#),
    ("TokenizeRequest", #"{"inputs":[[]]}"#),
    ("OpenAIEmbeddingsRequest", #"{"input":"a","encoding_format":"hex"}"#),
  ])
  func `the documented forms are not wider than the accepted ones`(
    schema: String, body: String
  ) throws {
    let schemas = try SchemaChecker(try document(Self.infos[0], requiresKey: false))
    #expect(try schemas.problem(body, schema) != nil)
  }
}
#endif
