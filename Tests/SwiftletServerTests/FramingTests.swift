#if Server
import Foundation
import HTTPTypes
import Testing

@testable import SwiftletServer

@Suite(.timeLimit(.minutes(10)))
struct FramingTests {
  private static let body = #"{"inputs": "A good film."}"#
  private static let post = "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
  private static let chunk = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
  private static let length = "Content-Length: \(body.utf8.count)\r\n"
  private static let long = String(repeating: "x", count: 1_000_000)

  private static let manyFields = (0..<5000).map { "X\($0): a\r\n" }.joined()

  /// Each with the status that it is refused with.
  private static let shapes: [(String, Int)] = [
    ("nonsense\r\n\r\n", 400), ("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n", 431),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n", 431),
    ("GET / HTTP/1.1\r\nHost: a\r\n\(manyFields)\r\n", 431),
    ("GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n", 400),
    ("\(post)Content-Length: -1\r\n\r\n", 400), ("\(post)Content-Length: +26\r\n\r\n", 400),
    ("\(post)Content-Length: 0x10\r\n\r\n", 400), ("\(post)Content-Length: 5, 5\r\n\r\n", 400),
    ("\(post)Content-Length: \r\n\r\n", 400), ("\(post)\(length)\(length)\r\n\(body)", 400),
    ("\(post)Content-Length: 9223372036854775808\r\n\r\n", 400),
    ("\(post)Content-Length: 18446744073709551616\r\n\r\n", 400),
    ("\(post)Transfer-Encoding: gzip, chunked\r\n\r\n\(chunk)", 501),
    ("\(post)Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)", 501),
    ("\(post)Transfer-Encoding: gzip\r\n\r\n\(chunk)", 400),
    ("\(post)Transfer-Encoding: xchunked\r\n\r\n\(chunk)", 400),
    ("\(post)Transfer-Encoding: chunked, chunked\r\n\r\n\(chunk)", 400),
    ("\(post)Transfer-Encoding: chunked, identity\r\n\r\n\(chunk)", 400),
    ("\(post)\(length)Transfer-Encoding: chunked\r\n\r\n\(chunk)", 400),
    ("\(post)Transfer-Encoding: chunked\r\n\(length)\r\n\(chunk)", 400),
    ("POST /embed HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)", 400),
    ("\(post)Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ("\(post)Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
    ("\(post)Transfer-Encoding: chunked\r\n\r\n1a;\(long)", 400),
    ("\(post)Transfer-Encoding: chunked\r\n\r\n0\r\nX: \(long)", 400),
    ("\(post)Expect: 100-continue\r\nContent-Length: 9223372036854775808\r\n\r\n", 400),
  ]

  @Test(arguments: shapes)
  func `an ambiguous request is refused with a status and JSON, then closed`(
    text: String, status: Int
  ) async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send(text)
      let answer = await connection.receive { _ in false }
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(80))")
      #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
      #expect(answer.hasSuffix(#","error_type":"Validation"}"#), "\(answer.suffix(200))")
    }
  }

  /// Requests that read in one way only.
  private static let plain: [String] = [
    "\(post)\(length)\r\n\(body)", "\(post)Transfer-Encoding: Chunked\r\n\r\n\(chunk)",
    "\(post)Transfer-Encoding: chunked\r\n\r\n1a;name=value\(chunk.dropFirst(2))",
    "\(post)Transfer-Encoding: chunked\r\n\r\n\(chunk.dropLast())X-Trailer: a\r\n\r\n",
    "\(post.replacingOccurrences(of: "Host: a", with: "Host: [::1]:80"))\(length)\r\n\(body)",
    "\(post.replacingOccurrences(of: "Host: a", with: "Host:"))\(length)\r\n\(body)",
    "\(post.replacingOccurrences(of: "1.1\r\nHost: a", with: "1.0"))\(length)\r\n\(body)",
  ]

  @Test(arguments: plain)
  func `a request with a single reading is answered`(text: String) async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send(text)
      #expect(await connection.response().hasPrefix("HTTP/1.1 200 OK"))
    }
  }

  @Test func `an HTTP/1.0 client never gets 100 Continue`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send(
        Self.post.replacingOccurrences(of: "1.1", with: "1.0") + "Expect: 100-continue\r\n"
          + Self.length + "\r\n" + Self.body)
      let answer = await connection.receive { _ in false }
      #expect(answer.hasPrefix("HTTP/1.1 200 OK") && !answer.contains("100 Continue"))
    }
  }

  @Test func `requests before a malformed one are answered`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send(Self.post + Self.length + "\r\n" + Self.body + "GET / HTTP/1.1\r\n\r\n")
      let statuses = await connection.responses().map { $0.prefix(12) }
      #expect(statuses == ["HTTP/1.1 200", "HTTP/1.1 400"])
    }
  }

  @Test func `a request keeps its client's id without unsafe characters`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let name = try #require(HTTPField.Name("x-request-id"))
      for (given, expected) in [
        ("7f3a-b:1/2", "7f3a-b:1/2"), ("a \"b\"<c>", "abc"),
        (String(repeating: "a", count: 300), String(repeating: "a", count: 128)),
      ] {
        let answer = try await client.get("/nothing", headers: [name: given])
        #expect(answer.header("x-request-id") == expected)
      }
      let preflight = try await client.send(
        "/predict", .options,
        [.origin: "https://a.example", .accessControlRequestMethod: "POST", name: "mine"])
      #expect(preflight.header("x-request-id") == "mine")
      let ids = try await [client.get("/health"), client.get("/health")].map {
        $0.header("x-request-id")
      }
      #expect(ids[0] != nil && ids[0] != ids[1])
    }
  }

  @Test func `a request whose body is malformed keeps its client's id`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send(
        Self.post + "X-Request-Id: mine/2\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
      let answer = await connection.receive { _ in false }
      #expect(answer.hasPrefix("HTTP/1.1 400 "))
      #expect(answer.lowercased().contains("\r\nx-request-id: mine/2\r\n"))
    }
  }

  @Test func `a temporary refusal has Retry-After`() async throws {
    try await withServer(TestModel.embedder, isLoaded: false) { client, _ in
      for path in ["/health", "/info"] {
        let answer = try await client.get(path)
        #expect(answer.status == 503 && answer.header("retry-after") == "1")
      }
    }
    try await withServer(TestModel.embedder) {
      $0.maxConcurrentRequests = 1
      $0.maxClientBatchSize = 1
    } _: { client, server in
      try server.state.serving().queue.reserve(1)
      let answer = try await client.post("/embed", #"{"inputs": "a"}"#)
      #expect(answer.status == 429 && answer.header("retry-after") == "1")
      let other = try await client.post("/embed", "{}")
      #expect(other.status == 422 && other.header("retry-after") == nil)
    }
  }
}
#endif
