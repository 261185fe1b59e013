#if Server
import Foundation
import HTTPTypes
import Hummingbird
import Swiftlet
import Testing

@testable import SwiftletServer

@Suite struct InfoRouteTests {
  @Test func `/info has all keys of text-embeddings-inference, in their order`() async throws {
    try await withServer(TestModel.sentiment) {
      $0.revision = "abc"
      $0.maxBatchRequests = 8
    } _: { client, _ in
      let text = try await client.get("/info").text
      #expect(
        text.contains(
          #""model_sha":"abc","model_dtype":"float32","served_model_name":"tested""#))
      #expect(
        text.contains(
          #""model_type":{"classifier":{"id2label":{"0":"NEGATIVE","1":"POSITIVE"},"#
            + #""label2id":{"NEGATIVE":0,"POSITIVE":1}}},"max_concurrent_requests":512,"#
            + #""max_input_length":512,"max_batch_tokens":16384,"max_batch_requests":8,"#
            + #""max_client_batch_size":32,"auto_truncate":true,"tokenization_workers":2,"#
            + #""version":"\#(SwiftletServer.version)","sha":null,"docker_label":null,"model_fingerprint":""#
        ))
    }
    try await withServer(TestModel.reranker) { client, _ in
      let text = try await client.get("/info").text
      #expect(text.contains(#"{"reranker":{"id2label":{"0":"RELEVANT"}"#))
      #expect(text.contains(#""max_input_length":48"#))
    }
    try await withServer(TestModel.embedder) { client, _ in
      let text = try await client.get("/info").text
      #expect(text.contains(#"{"embedding":{"pooling":"mean"}}"#))
      #expect(text.contains(#""max_input_length":32"#))
    }
  }

  @Test(arguments: [Precision.float32, .bfloat16, .int8])
  func `/info names the precision, which the machine must have`(precision: Precision) async throws {
    func info() async throws {
      try await withServer(TestModel.embedder) {
        $0.precision = precision
      } _: { client, _ in
        let text = try await client.get("/info").text
        #expect(text.contains(#""model_dtype":"\#(precision)""#))
      }
    }
    if precision.isSupported { return try await info() }
    await #expect {
      try await info()
    } throws: { "\($0)".contains("AVX512_BF16") }
  }

  @Test func `the longest input is bounded by a batch's tokens if texts are cut`() async throws {
    try await withServer(TestModel.sentiment) {
      $0.maxBatchTokens = 100
    } _: { client, _ in
      #expect(try await client.get("/info").text.contains(#""max_input_length":100"#))
      let answer = try await client.post(
        "/predict", #"{"inputs": "\#(String(repeating: "a ", count: 300))"}"#)
      #expect(answer.header("x-compute-tokens") == "100")
    }
    await #expect(throws: (any Error).self) {
      try await withServer(TestModel.sentiment) {
        $0.maxBatchTokens = 100
        $0.autoTruncate = false
      } _: { _, _ in
      }
    }
  }

  @Test(arguments: ["/health", "/", "/ping"])
  func `health is an empty 200 under three names`(path: String) async throws {
    try await withServer(TestModel.embedder) { client, server in
      let answer = try await client.get(path)
      #expect(answer.status == 200)
      #expect(answer.text.isEmpty)
      server.state.drain()
      let draining = try await client.get(path)
      #expect(draining.status == 503)
      #expect(
        try draining.decoded() == WireError(error: "unhealthy", type: "Unhealthy"))
      // Requests that still come are answered.
      #expect(try await client.post("/embed", #"{"inputs": "a"}"#).status == 200)
    }
  }

  @Test func `until the model is loaded, health and the model's routes are 503`() async throws {
    try await withServer(TestModel.embedder, isLoaded: false) { client, server in
      #expect(try await client.get("/health").status == 503)
      let embed = try await client.post("/embed", #"{"inputs": "a"}"#)
      #expect(embed.status == 503)
      #expect(try embed.decoded(WireError.self).type == "Unhealthy")
      #expect(try await client.get("/info").status == 503)
      #expect(try await client.get("/metrics").status == 200)
      try await server.load()
      #expect(try await client.get("/health").status == 200)
      #expect(try await client.post("/embed", #"{"inputs": "a"}"#).status == 200)
    }
  }

  @Test(arguments: ["/health", "/", "/ping", "/info", "/metrics", "/ui", "/api-doc/openapi.json"])
  func `HEAD is GET without the body`(path: String) async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let head = try await client.send(path, .head)
      let get = try await client.get(path)
      #expect(head.status == 200)
      #expect(head.text.isEmpty)
      #expect(head.header("content-type") == get.header("content-type"))
      if path != "/metrics" {
        #expect(head.header("content-length") == "\(get.text.utf8.count)")
      }
    }
  }

  @Test func `the page is HTML and the description JSON of every route`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let page = try await client.get("/ui")
      #expect(page.header("content-type") == "text/html; charset=utf-8")
      #expect(page.text.hasPrefix("<!doctype html>"))
      let document = try await client.get("/api-doc/openapi.json")
      #expect(document.header("content-type") == "application/json")
      let object = try JSONSerialization.jsonObject(with: Data(document.text.utf8))
      let paths = try #require((object as? [String: Any])?["paths"] as? [String: Any])
      for path in Route.table.keys { #expect(paths[path] != nil, "\(path)") }
      let routes = try await client.get("/docs")
      #expect(routes.header("content-type") == "text/html; charset=utf-8")
      #expect(routes.text.contains("api-doc/openapi.json"))
    }
  }

  private struct Model: Decodable, Equatable {
    var id: String
    var object: String
    var created: Int
  }

  private struct Models: Decodable {
    var object: String
    var data: [Model]
  }

  @Test func `OpenAI's clients find the model by its name, which may be a path`() async throws {
    try await withServer(TestModel.embedder) {
      $0.servedModelName = "/models/a b%"
    } _: { client, _ in
      for path in ["/v1/models", "/models"] {
        let list = try await client.get(path).decoded(Models.self)
        #expect(list.object == "list" && list.data.map(\.id) == ["/models/a b%"])
        #expect(try #require(list.data.first).object == "model")
        #expect(try #require(list.data.first).created > 1_700_000_000)
        for name in ["%2Fmodels%2Fa%20b%25", "/models/a%20b%25", "%2fmodels/a%20b%"] {
          let one = try await client.get("/v1/models/" + name)
          #expect(try one.decoded(Model.self) == list.data[0], "\(name)")
        }
      }
      let other = try await client.get("/v1/models/other")
      #expect(other.status == 404)
      #expect(other.text.contains("other") && other.text.contains("/models/a b%"))
      #expect(try await client.post("/v1/models/other", "{}").status == 405)
      #expect(try await client.get("/v1/models/").status == 404)
    }
  }

  @Test func `every metric has help and a type, and the process has its own`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      #expect(try await client.post("/predict", #"{"inputs": "a"}"#).status == 200)
      _ = try await client.post("/embed", #"{"inputs": "a"}"#)
      let text = try await client.get("/metrics").text
      let lines = text.split(separator: "\n").map(String.init)
      let named = { (prefix: String) in
        lines.filter { $0.hasPrefix(prefix) }.map { String($0.split(separator: " ")[2]) }
      }
      #expect(named("# HELP ") == named("# TYPE "))
      let families = named("# TYPE ")
      #expect(Set(families).count == families.count)
      for line in lines where !line.hasPrefix("#") {
        let name = String(line.prefix { $0 != "{" && $0 != " " })
        let stems = ["_bucket", "_sum", "_count"].map { suffix in
          name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
        }
        #expect(families.contains(name) || stems.contains { families.contains($0) }, "\(line)")
      }
      let value = { (name: String) in
        lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.split(separator: " ")[1]) }
      }
      #expect(try #require(value("process_cpu_seconds_total")) > 0)
      #expect(try #require(value("process_open_fds")) >= 3)
      #expect(try #require(value("process_max_fds")) >= 3)
      let start = try #require(value("process_start_time_seconds"))
      #expect(abs(Date().timeIntervalSince1970 - start) < 3600)
      #expect(value("swiftlet_connections_open") != nil)
    }
  }

  @Test func `metrics have the names of text-embeddings-inference`() async throws {
    try await withServer(TestModel.sentiment) {
      $0.maxClientBatchSize = 2
    } _: { client, _ in
      _ = try await client.post("/predict", #"{"inputs": "a"}"#)
      _ = try await client.post("/predict", #"{"inputs": [["a"], ["b"]]}"#)
      _ = try await client.post("/predict", #"{"inputs": [["a"], ["b"], ["c"]]}"#)
      _ = try await client.post("/predict", #"{"inputs": ""}"#)
      _ = try await client.post("/embed", #"{"inputs": "a"}"#)
      let answer = try await client.get("/metrics")
      #expect(answer.header("content-type")?.hasPrefix("text/plain") == true)
      let lines = Set(answer.text.split(separator: "\n").map(String.init))
      for line in [
        #"te_request_count{method="single"} 2"#, #"te_request_count{method="batch"} 2"#,
        #"te_request_success{method="single"} 1"#, #"te_request_success{method="batch"} 1"#,
        #"te_request_failure{err="batch_size"} 1"#, #"te_request_failure{err="validation"} 1"#,
        #"te_request_failure{err="model_type"} 1"#, "te_predict_success 3",
        "te_request_input_length_count 3", "te_queue_size 0", "te_predict_duration_count 3",
        "te_request_inference_duration_count 2",
      ] {
        #expect(lines.contains(line), "\(line)")
      }
    }
  }

  @Test(
    arguments: [
      ("/embed", #"{"inputs": "a", "dimensions": 0}"#, "validation"),
      ("/embed", #"{"inputs": "a", "prompt_name": "x"}"#, "validation"),
      ("/embed", #"{"inputs": ["a", "b", "c"]}"#, "batch_size"),
      ("/tokenize", #"{"inputs": ""}"#, "validation"),
      ("/tokenize", #"{"inputs": []}"#, "validation"),
      ("/tokenize", #"{"inputs": ["a", "b", "c"]}"#, "batch_size"),
      ("/decode", #"{"ids": []}"#, "validation"), ("/decode", #"{"ids": [[1], []]}"#, "validation"),
      ("/decode", #"{"ids": [[1], [1], [1]]}"#, "batch_size"),
      ("/predict", #"{"inputs": "a"}"#, "model_type"),
      ("/embed_sparse", #"{"inputs": "a"}"#, "model_type"),
      ("/embed", "nonsense", nil), ("/embed", #"{"inputs": 1.5}"#, nil),
    ] as [(String, String, String?)])
  func `each refusal of a model's route is counted once, except unreadable bodies`(
    path: String, body: String, error: String?
  ) async throws {
    try await withServer(TestModel.embedder) {
      $0.maxClientBatchSize = 2
    } _: { client, _ in
      #expect(try await client.post(path, body).status >= 400)
      let lines = try await client.get("/metrics").text.split(separator: "\n")
      let failures = lines.filter { $0.hasPrefix("te_request_failure{") }
      #expect(failures == error.map { ["te_request_failure{err=\"\($0)\"} 1"] } ?? [])
    }
  }
}
#endif
