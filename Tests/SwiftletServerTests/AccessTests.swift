#if Server
import HTTPTypes
import Testing

@testable import SwiftletServer

@Suite("Who may ask: keys and origins")
struct AccessTests {
  private static let protected = [
    "/predict", "/rerank", "/embed", "/embed_all", "/embed_sparse", "/similarity", "/tokenize",
    "/decode", "/v1/embeddings", "/embeddings", "/", "/invocations",
  ]

  @Test("Without the key nothing of the model is to be had", arguments: protected)
  func key(path: String) async throws {
    try await withServer(TestModel.embedder) {
      $0.apiKey = "secret"
    } _: { client, _ in
      for header in [
        nil, "secret", "Bearer secre", "Bearer secrets", "bearer secret", "Basic secret", "",
      ] {
        var headers = HTTPFields()
        headers[.authorization] = header
        let answer = try await client.post(path, #"{"inputs": "a"}"#, headers: headers)
        #expect(answer.status == 401, "\(header ?? "none")")
        #expect(answer.header("www-authenticate") == "Bearer")
        #expect(answer.text.contains("Authorization"))
      }
      let answer = try await client.post(
        path, #"{"inputs": "a"}"#, headers: [.authorization: "Bearer secret"])
      #expect(answer.status != 401)
    }
  }

  @Test("/info needs the key, health and metrics don't")
  func publicRoutes() async throws {
    try await withServer(TestModel.embedder) {
      $0.apiKey = "secret"
    } _: { client, _ in
      let refused = try await client.get("/info")
      #expect(refused.status == 401)
      #expect(
        try await client.get("/info", headers: [.authorization: "Bearer secret"]).status == 200)
      for path in ["/health", "/", "/ping", "/metrics", "/ui", "/api-doc/openapi.json"] {
        #expect(try await client.get(path).status == 200)
      }
      #expect(try await client.get("/nothing").status == 404)
    }
  }

  @Test("A page of any origin may ask, unless origins are named")
  func origins() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.get("/health", headers: [.origin: "https://a.example"])
      #expect(answer.headers[.accessControlAllowOrigin] == "*")
      let error = try await client.post(
        "/embed", #"{"inputs": ""}"#, headers: [.origin: "https://a.example"])
      #expect(error.status == 400)
      #expect(error.headers[.accessControlAllowOrigin] == "*")
    }
    try await withServer(TestModel.embedder) {
      $0.corsAllowOrigins = ["https://a.example", "https://b.example"]
    } _: { client, _ in
      let allowed = try await client.get("/health", headers: [.origin: "https://b.example"])
      #expect(allowed.headers[.accessControlAllowOrigin] == "https://b.example")
      #expect(allowed.headers[.vary] == "Origin")
      let other = try await client.get("/health", headers: [.origin: "https://c.example"])
      #expect(other.status == 200)
      #expect(other.headers[.accessControlAllowOrigin] == nil)
    }
  }

  @Test("A browser may ask beforehand, without the key")
  func preflight() async throws {
    try await withServer(TestModel.embedder) {
      $0.apiKey = "secret"
    } _: { client, _ in
      let answer = try await client.send(
        "/embed", .options,
        [.origin: "https://a.example", .accessControlRequestMethod: "POST"])
      #expect(answer.status == 200)
      #expect(answer.headers[.accessControlAllowOrigin] == "*")
      #expect(answer.headers[.accessControlAllowMethods] == "GET, POST")
      #expect(answer.headers[.accessControlAllowHeaders]?.contains("content-type") == true)
    }
  }

  @Test("Keys are compared in full")
  func comparison() {
    let authorization = Authorization(apiKey: "aaaa")
    #expect(authorization.allows([.authorization: "Bearer aaaa"]))
    #expect(!authorization.allows([.authorization: "Bearer aaaaBearer aaaa"]))
    #expect(!authorization.allows([.authorization: ""]))
    #expect(!authorization.allows([:]))
    #expect(Authorization(apiKey: nil).allows([:]))
  }
}
#endif
