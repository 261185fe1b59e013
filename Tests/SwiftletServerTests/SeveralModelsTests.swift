#if Server
import Foundation
import HTTPTypes
import Testing

@testable import SwiftletServer

@Suite(.timeLimit(.minutes(10)))
struct SeveralModelsTests {
  /// A classifier as `tested`, an embedder as `team/embed a%b`, a reranker as `rank`.
  private func withModels(
    _ change: (inout ServerConfiguration) -> Void = { _ in },
    _ body: @Sendable (TestClient, SwiftletServer) async throws -> Void
  ) async throws {
    try await withServer(TestModel.sentiment) {
      $0.additionalModels = [
        AdditionalModel(directory: TestModel.embedder, name: "team/embed a%b"),
        AdditionalModel(directory: TestModel.reranker, name: "rank"),
      ]
      change(&$0)
    } _: { client, server in
      try await body(client, server)
    }
  }

  @Test func `each model answers under its name, and the first one without a name`() async throws {
    try await withModels { client, _ in
      let text = #"{"inputs": "A good film."}"#
      let first = try await client.post("/predict", text)
      #expect(first.status == 200 && first.text.contains("POSITIVE"))
      for path in ["/models/tested/predict", "/models/tested", "/models/tested/invoke"] {
        #expect(try await client.post(path, text).text == first.text, "\(path)")
      }
      for name in ["team/embed a%25b", "team%2Fembed%20a%25b"] {
        for path in ["/embed", "", "/invocations"] {
          let answer = try await client.post("/models/\(name)\(path)", text)
          #expect(answer.status == 200 && answer.text.hasPrefix("[["), "\(name)\(path)")
        }
        let openAI = try await client.post("/models/\(name)/v1/embeddings", #"{"input": "a"}"#)
        #expect(openAI.text.contains(#""model":"team/embed a%b""#))
      }
      let ranks = try await client.post("/models/rank", #"{"query": "q", "texts": ["a", "b"]}"#)
      #expect(ranks.status == 200 && ranks.text.contains(#""index":"#))
      #expect(try await client.post("/models/rank/tokenize", text).status == 200)
      let wrong = try await client.post("/models/rank/embed", text)
      #expect(wrong.status == 424)
    }
  }

  @Test func `model in OpenAI's request selects a model, and its absence the first one`()
    async throws
  {
    try await withModels { client, _ in
      let named = try await client.post(
        "/v1/embeddings", #"{"input": "a", "model": "team/embed a%b"}"#)
      #expect(named.status == 200)
      let unnamed = try await client.post("/v1/embeddings", #"{"input": "a"}"#)
      #expect(unnamed.status == 424, "the first model is a classifier")
      let unknown = try await client.post("/v1/embeddings", #"{"input": "a", "model": "gpt"}"#)
      #expect(unknown.status == 404)
      #expect(
        unknown.text.contains("there is no model gpt; this server has tested, team/embed a%b, rank")
      )
      #expect(unknown.text.contains(#""code":404"#))
      // The path's model counts, not the body's.
      let path = try await client.post(
        "/models/team/embed a%25b/v1/embeddings", #"{"input": "a", "model": "rank"}"#)
      #expect(path.status == 200)
    }
    try await withServer(TestModel.embedder) { client, _ in
      let other = try await client.post("/v1/embeddings", #"{"input": "a", "model": "gpt"}"#)
      #expect(other.status == 200, "a server of one model ignores the name, as TEI does")
    }
  }

  @Test func `the lists name all models, and each has its own description`() async throws {
    try await withModels { client, _ in
      let list = try await client.get("/v1/models").text
      for name in ["tested", "team/embed a%b", "rank"] {
        #expect(list.contains("\"id\":\"\(name)\""))
      }
      let info = try await client.get("/info").text
      #expect(info.contains(#""models":["tested","team/embed a%b","rank"]}"#))
      #expect(info.contains(#""served_model_name":"tested""#))
      let other = try await client.get("/models/rank/info").text
      #expect(other.contains(#""served_model_name":"rank""#) && other.contains("reranker"))
      #expect(try await client.get("/models/rank").text.contains(#""id":"rank""#))
      #expect(try await client.get("/models/rank/v1/models").text.contains(#""id":"rank""#))
      #expect(try await client.get("/models/rank/health").status == 200)
      #expect(try await client.get("/v1/models/team/embed%20a%25b").status == 200)
      let document = try await client.get("/api-doc/openapi.json").text
      #expect(document.contains("Serves the models tested, team/embed a%b, rank."))
    }
  }

  @Test func `an unknown model, route or method is refused with what there is`() async throws {
    try await withModels { client, _ in
      for (path, isRead) in [
        ("/models/no/predict", false), ("/models/no", false), ("/models/no/x/y", false),
        ("/models/no/health", true), ("/models/no/info", true), ("/v1/models/no", true),
      ] {
        let answer = try await (isRead ? client.get(path) : client.post(path, #"{"inputs": "a"}"#))
        #expect(answer.status == 404, "\(path)")
        #expect(answer.text.contains("this server has tested, team/embed a%b, rank"), "\(path)")
      }
      let route = try await client.post("/models/rank/nothing", "{}")
      #expect(route.status == 404 && route.text.contains("there is no /models/rank/nothing"))
      #expect(try await client.send("/models/rank/predict", .put).status == 405)
      #expect(try await client.get("/models/rank/predict").header("allow") == "POST")
      #expect(try await client.get("/models/").status == 404)
    }
  }

  @Test func `the names of models are told to clients with the key only`() async throws {
    try await withModels {
      $0.apiKey = "k"
    } _: { client, _ in
      for path in ["/models/no", "/models/no/health", "/models/rank", "/models/rank/info"] {
        let answer = try await client.get(path)
        #expect(answer.status == 401 && !answer.text.contains("tested"), "\(path)")
      }
      #expect(try await client.post("/models/no/predict", "{}").status == 401)
    }
  }

  @Test func `metrics have the model's name, in one family for all models`() async throws {
    try await withModels { client, _ in
      _ = try await client.post("/predict", #"{"inputs": "a"}"#)
      _ = try await client.post("/models/rank", #"{"query": "q", "texts": ["a", "b"]}"#)
      _ = try await client.post("/v1/embeddings", #"{"input": "", "model": "team/embed a%b"}"#)
      let page = try await client.get("/metrics").text
      let lines = Set(page.split(separator: "\n").map(String.init))
      for line in [
        #"te_request_count{model="tested",method="single"} 1"#,
        #"te_request_count{model="rank",method="batch"} 1"#,
        #"te_predict_count{model="rank"} 2"#,
        #"te_request_failure{model="team/embed a%b",err="validation"} 1"#,
      ] {
        #expect(lines.contains(line), "\(line)")
      }
      #expect(page.components(separatedBy: "# TYPE te_request_count ").count == 2)
      #expect(page.components(separatedBy: "te_request_failure{").count == 2, "counted once")
      #expect(page.components(separatedBy: "# TYPE process_open_fds ").count == 2)
    }
  }

  @Test func `a text of one model is answered while another has a long queue`() async throws {
    try await withRunningServer(TestModel.sentiment) {
      $0.requestTimeout = 300
      $0.additionalModels = [AdditionalModel(directory: TestModel.embedder, name: "calm")]
    } _: { running in
      let busy = try running.serving()
      let connections = try (0..<8).map { _ in try running.connect() }
      defer { for connection in connections { connection.close() } }
      for connection in connections { await connection.post("/predict", TestModel.longBatch) }
      #expect(try await running.waitUntil { busy.queue.reserved >= 200 })
      let calm = try running.connect()
      defer { calm.close() }
      await calm.post("/models/calm/embed", #"{"inputs": "a"}"#)
      #expect(await calm.response().hasPrefix("HTTP/1.1 200"))
      #expect(busy.queue.reserved >= 100, "the other model still has most of its work")
      busy.queue.stop()
    }
  }

  @Test func `a model that can't be loaded stops the start and is named`() async throws {
    for (directory, expected) in [
      ("/nowhere", "there is no folder /nowhere"), (TestModel.tokens, "ForTokenClassification"),
    ] {
      var configuration = ServerConfiguration(modelDirectory: TestModel.embedder)
      configuration.port = 0
      configuration.additionalModels = [AdditionalModel(directory: directory, name: "second")]
      let server = SwiftletServer(configuration: configuration, logger: silentLogger)
      let error = await #expect(throws: (any Error).self) { try await server.run() }
      let text = "\(try #require(error))"
      #expect(text.contains("the model second: ") && text.contains(expected), "\(text)")
    }
  }

  @Test func `all models compute on the same threads`() async throws {
    try await withModels { _, server in
      let models = try server.state.models()
      #expect(models.all.count == 3)
      for serving in models.all { #expect(serving.model.pool === models.shared.pool) }
      #expect(models.first.model.threadCount == 2)
    }
  }
}
#endif
