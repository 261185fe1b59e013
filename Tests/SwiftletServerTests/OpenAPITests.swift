#if Server
import Foundation
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

  @Test("Every route of the server is documented with its methods, and no other")
  func routes() throws {
    let document = try document(Self.infos[0], requiresKey: true)
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    let table = Route.table.merging([Route.modelPath: Route.model]) { own, _ in own }
    #expect(Set(paths.keys) == Set(table.keys))
    for (path, route) in table {
      let methods = [route.get == nil ? nil : "get", route.post == nil ? nil : "post"]
      #expect(
        Set(try #require(paths[path]).keys) == Set(methods.compactMap { $0 }), "\(path)")
    }
  }

  @Test("The operations' names are unique, and the key is asked for where the server asks for it")
  func operations() throws {
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

  @Test("The default route is that of the model's task")
  func mainTask() {
    for (info, path) in zip(Self.infos, ["/predict", "/rerank", "/embed"]) {
      let routes = OpenAPIDocument.routes(info: info, requiresKey: false)
      let main = routes.first { $0.path == path }
      for alias in ["/", "/invocations"] {
        let route = routes.first { $0.path == alias && $0.method == .post }
        #expect(route?.request?.schema == main?.request?.schema && route != nil)
      }
    }
  }

  @Test("Every example of a request is one that its route reads")
  func requestExamples() throws {
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
      let schemas = try SchemaChecker(try document(info, requiresKey: true))
      for route in OpenAPIDocument.routes(info: info, requiresKey: true) {
        guard let request = route.request else { continue }
        let parse = try #require(parsers[request.schema], "\(route.path)")
        #expect(!request.examples.isEmpty)
        for (name, body) in request.examples {
          #expect(throws: Never.self, "\(route.path) \(name)") { try parse(Array(body.utf8)) }
          #expect(try schemas.problem(body, request.schema) == nil, "\(route.path) \(name)")
        }
      }
    }
  }

  @Test("What a writer writes has the form that the document gives it, errors too")
  func responseExamples() throws {
    for info in Self.infos {
      let schemas = try SchemaChecker(try document(info, requiresKey: true))
      for route in OpenAPIDocument.routes(info: info, requiresKey: true) {
        #expect(Set(route.responses.map(\.status)).count == route.responses.count, "\(route.path)")
        for response in route.responses {
          guard case .json(let schema, let example) = response.content else { continue }
          #expect(try schemas.problem(example, schema) == nil, "\(route.path) \(response.status)")
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

  @Test("null is documented for every option, under parameters too")
  func nulls() throws {
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

  @Test(
    "The forms that are documented are no wider than those that are read",
    arguments: [
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
  func wrongShapes(schema: String, body: String) throws {
    let schemas = try SchemaChecker(try document(Self.infos[0], requiresKey: false))
    #expect(try schemas.problem(body, schema) != nil)
  }
}
#endif
