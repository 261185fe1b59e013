#if Server
import HTTPTypes
import Testing

@testable import SwiftletServer

@Suite struct AccessTests {
  private static let protected = [
    "/predict", "/rerank", "/embed", "/embed_all", "/embed_sparse", "/similarity", "/tokenize",
    "/decode", "/v1/embeddings", "/embeddings", "/", "/invocations",
  ]

  @Test(arguments: protected)
  func `without the key every route of the model is 401`(path: String) async throws {
    try await withServer(TestModel.embedder) {
      $0.apiKey = "secret"
    } _: { client, _ in
      for header in [
        nil, "secret", "Bearer secre", "Bearer secrets", "BearerXsecret", "Basic secret", "Bearer",
        "",
      ] {
        var headers = HTTPFields()
        headers[.authorization] = header
        let answer = try await client.post(path, #"{"inputs": "a"}"#, headers: headers)
        #expect(answer.status == 401, "\(header ?? "none")")
        #expect(answer.header("www-authenticate") == "Bearer")
        #expect(answer.text.contains("Authorization"))
      }
      for header in ["Bearer secret", "bearer secret", "BEARER  secret"] {
        let answer = try await client.post(
          path, #"{"inputs": "a"}"#, headers: [.authorization: header])
        #expect(answer.status != 401)
      }
    }
  }

  @Test func `/info needs the key, health and metrics do not`() async throws {
    try await withServer(TestModel.embedder) {
      $0.apiKey = "secret"
    } _: { client, _ in
      let refused = try await client.get("/info")
      #expect(refused.status == 401)
      for path in ["/info", "/v1/models", "/v1/models/tested"] {
        #expect(try await client.get(path).status == 401)
        #expect(
          try await client.get(path, headers: [.authorization: "Bearer secret"]).status == 200)
      }
      for path in ["/health", "/", "/ping", "/metrics", "/ui", "/docs", "/api-doc/openapi.json"] {
        #expect(try await client.get(path).status == 200)
      }
      #expect(try await client.get("/nothing").status == 404)
    }
  }

  @Test func `any origin may ask unless origins are named`() async throws {
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

  @Test func `a missing key and a wrong one have different errors`() async throws {
    try await withServer(TestModel.embedder) {
      $0.apiKey = "secret"
    } _: { client, _ in
      let missing = try await client.post("/embed", #"{"inputs": "a"}"#)
      let wrong = try await client.post(
        "/embed", #"{"inputs": "a"}"#, headers: [.authorization: "Bearer other"])
      #expect(missing.status == 401 && missing.text.contains("send the server's key"))
      #expect(wrong.status == 401 && wrong.text.contains("is not the server's"))
      #expect(!wrong.text.contains("secret"))
    }
  }

  @Test func `another origin may read the headers and send its trace`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post(
        "/embed", #"{"inputs": "a"}"#, headers: [.origin: "https://a.example"])
      let exposed = try #require(answer.headers[.accessControlExposeHeaders])
        .split(separator: ", ").map(String.init)
      let fields = answer.headers.map(\.name.canonicalName).filter { $0.hasPrefix("x-") }
      #expect(Set(fields).isSubset(of: exposed))
      #expect(fields.contains("x-truncated-inputs") && fields.contains("x-compute-time"))
      let plain = try await client.post("/embed", #"{"inputs": "a"}"#)
      #expect(plain.headers[.accessControlExposeHeaders] == nil)
      let preflight = try await client.send(
        "/embed", .options, [.origin: "https://a.example", .accessControlRequestMethod: "POST"])
      for name in ["authorization", "content-encoding", "traceparent", "x-request-id"] {
        #expect(preflight.headers[.accessControlAllowHeaders]?.contains(name) == true, "\(name)")
      }
    }
  }

  @Test(arguments: [
    ("https://A.example", "https://a.example"), ("https://a.example:443", "https://a.example"),
    ("http://a.example:80", "http://a.example"), ("http://a:443", "http://a:443"),
    ("http://localhost:8080", "http://localhost:8080"),
    ("http://[::1]:8080", "http://[::1]:8080"),
    ("http://[::1]", "http://[::1]"), ("http://127.0.0.1", "http://127.0.0.1"),
    ("chrome-extension://abcdef", "chrome-extension://abcdef"), ("null", "null"), ("*", "*"),
  ])
  func `origins are compared as browsers write them`(text: String, origin: String) {
    #expect(CrossOrigin.origin(text) == origin)
  }

  @Test(arguments: [
    "", "notaurl", "a.example", "//a.example", "https://", "https:///", "https://a.example/",
    "https://a.example/path", "https://a.example:", "https://a.example:0x1", "https://a b",
    "https://a:70000", "https://user@a.example", "https://[::1", "https://*.example", "1http://a",
    "https://a.example,https://b.example", "https://a?b", "://a", "https://é.example",
  ])
  func `a malformed origin keeps the server from starting`(text: String) async {
    #expect(CrossOrigin.origin(text) == nil)
    let server = SwiftletServer(
      configuration: testConfiguration(TestModel.embedder) { $0.corsAllowOrigins = [text] },
      logger: silentLogger)
    await #expect(throws: (any Error).self) { try await server.run() }
  }

  @Test func `a preflight request needs no key`() async throws {
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

  @Test func `keys are compared in full`() {
    let authorization = Authorization(apiKey: "aaaa")
    #expect(authorization.allows([.authorization: "Bearer aaaa"]))
    #expect(!authorization.allows([.authorization: "Bearer aaaaBearer aaaa"]))
    #expect(!authorization.allows([.authorization: ""]))
    #expect(!authorization.allows([:]))
    #expect(Authorization(apiKey: nil).allows([:]))
  }
}
#endif
