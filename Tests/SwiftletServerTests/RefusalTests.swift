#if Server
import HTTPTypes
import Hummingbird
import Testing

@testable import SwiftletServer

@Suite struct RefusalTests {
  @Test(
    arguments: [
      (nil, 415), ("text/json", 415), ("text/plain", 415), ("application/jsonx", 415),
      ("application/json", 200), ("application/json; charset=utf-8", 200),
      ("Application/JSON ;a=b", 200), ("application/vnd.api+json", 200),
    ] as [(String?, Int)])
  func `only JSON is read`(type: String?, status: Int) async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post("/embed", #"{"inputs": "a"}"#, contentType: type)
      #expect(answer.status == status)
      if status == 415 {
        #expect(
          try answer.decoded()
            == WireError(
              error: "Expected request with `Content-Type: application/json`", type: "Validation"))
      }
    }
  }

  @Test(arguments: [
    ("", 400), ("{", 400), (#"{"inputs": "a""#, 400), (#"{"inputs": "a"} x"#, 400),
    (#"{"inputs": "\ud800"}"#, 400), ("nonsense", 400), ("[]", 422), ("null", 422), ("{}", 422),
    (#"{"inputs": {}}"#, 422),
  ])
  func `malformed JSON is 400 with its place, JSON of another shape 422`(
    body: String, status: Int
  ) async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post("/embed", body)
      #expect(answer.status == status, "\(answer.text)")
      let error = try answer.decoded(WireError.self)
      #expect(error.type == "Validation")
      #expect(!error.error.isEmpty)
    }
  }

  @Test(arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80]] as [[UInt8]])
  func `invalid UTF-8 is 400`(bytes: [UInt8]) async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post(
        "/embed", bytes: Array(#"{"inputs": ""#.utf8) + bytes + Array(#""}"#.utf8))
      #expect(answer.status == 400)
    }
  }

  @Test func `a body over the limit is 413, announced or not`() async throws {
    let body = #"{"inputs": "\#(String(repeating: "a", count: 1000))"}"#
    try await withServer(TestModel.embedder) {
      $0.payloadLimit = body.utf8.count
    } _: { client, _ in
      #expect(try await client.post("/embed", body).status == 200)
      let answer = try await client.post("/embed", body + " ")
      #expect(answer.status == 413)
      #expect(
        try answer.decoded()
          == WireError(
            error: "Failed to buffer the request body: length limit exceeded", type: "Validation"))
    }
  }

  @Test(arguments: ["/nothing", "/predict/", "/PREDICT", "/%00"])
  func `an unknown path is 404`(path: String) async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.get(path)
      #expect(answer.status == 404)
      #expect(try answer.decoded(WireError.self).type == "Validation")
      #expect(try await client.post(path, "{}").status == 404)
    }
  }

  @Test(arguments: [
    ("/predict", HTTPRequest.Method.get, "POST"), ("/embed", .delete, "POST"),
    ("/", .put, "GET, HEAD, POST"), ("/info", .post, "GET, HEAD"),
    ("/v1/embeddings", .get, "POST"), ("/health", .options, "GET, HEAD"),
  ])
  func `an unsupported method is 405 with the supported ones`(
    path: String, method: HTTPRequest.Method, allowed: String
  ) async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.send(path, method)
      #expect(answer.status == 405)
      #expect(answer.header("allow") == allowed)
      #expect(!answer.text.isEmpty)
    }
  }

  @Test func `a query string is ignored`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.get("/health?verbose=1")
      #expect(answer.status == 200)
    }
  }
}
#endif
