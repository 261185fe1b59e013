#if Server
import Foundation
import HummingbirdTesting
import Testing

@testable import SwiftletServer

@Suite(.timeLimit(.minutes(10)))
struct ConnectionTests {
  private static let body = #"{"inputs": "A good film."}"#
  private static let long = String(repeating: "a", count: 300_000)
  private static let post =
    "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

  @Test func `a connection is kept after answers and errors`() async throws {
    try await withRunningServer(TestModel.sentiment) { running in
      let connection = try running.connect()
      defer { connection.close() }
      for _ in 0..<3 {
        await connection.post("/predict", Self.body)
        let answer = await connection.response()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix("}]"))
        await connection.post("/predict", "nonsense")
        #expect(await connection.response().hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        await connection.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await connection.response().hasPrefix("HTTP/1.1 404 Not Found\r\n"))
      }
    }
  }

  @Test(arguments: [
    "HTTP/1.1\r\nConnection: close", "HTTP/1.1\r\nConnection: Close",
    "HTTP/1.1\r\nConnection: TE, CLOSE", "HTTP/1.1\r\nConnection: keep-alive, close",
    "HTTP/1.0", "HTTP/1.0\r\nConnection: TE",
    "HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA",
  ])
  func `a request that says close, in any spelling, ends the connection`(
    head: String
  ) async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send("GET /info \(head)\r\nHost: a\r\n\r\n")
      let answer = await connection.receive { _ in false }
      #expect(answer.hasPrefix("HTTP/1.") && answer.hasSuffix("}"), "\(answer.prefix(80))")
      #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
    }
  }

  @Test func `an HTTP/1.0 client may keep its connection and gets the header`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      for _ in 0..<2 {
        await connection.send("GET /info HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        let answer = await connection.response()
        #expect(answer.lowercased().contains("\r\nconnection: keep-alive\r\n"))
      }
    }
  }

  @Test(arguments: ["/health", "/info", "/predict", "/nothing"])
  func `HEAD has no body, whatever the answer`(path: String) async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
      await connection.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
      let text = await connection.receive { $0.components(separatedBy: "\r\n\r\n").count > 2 }
      let answers = text.components(separatedBy: "\r\n\r\n")
      #expect(answers.count == 3 && answers[2].isEmpty)
      #expect(answers[1].hasPrefix("HTTP/1.1 200 OK\r\n"), "\(text)")
    }
  }

  @Test func `pipelined requests are answered in order`() async throws {
    try await withRunningServer(TestModel.sentiment) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.post("/predict", Self.body)
      await connection.post("/predict", #"{"inputs": ""}"#)
      await connection.post("/tokenize", #"{"inputs": "a"}"#)
      let text = await connection.receive { $0.contains("[SEP]") }
      let statuses = text.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }
      #expect(statuses == ["200", "400", "200"])
    }
  }

  @Test(arguments: [
    "nonsense\r\n\r\n", "GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\((0..<5000).map { "X\($0): a\r\n" }.joined())\r\n",
    post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", post + "Content-Length: -1\r\n\r\n",
  ])
  func `malformed HTTP ends only its own connection`(text: String) async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      await connection.send(text)
      let answer = await connection.receive { $0.contains("\r\n\r\n") }
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(80))")
      connection.close()
      let other = try running.connect()
      defer { other.close() }
      await other.post("/embed", Self.body)
      #expect(await other.response().hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func `a refused client's connection is closed soon, whatever it sends`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      // More than the buffers of both ends hold: all of it is read, or sending would wait for that.
      await connection.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
      for _ in 0..<100 { await connection.send(Self.long) }
      let answer = await connection.receive { _ in false }
      #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(80))")
    }
  }

  @Test func `with a certificate the server speaks TLS and survives plain clients`() async throws {
    let plain = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    try await withServer(TestModel.embedder, .ahc(.https)) {
      $0.tlsCertificatePath = TestModel.certificate
      $0.tlsKeyPath = TestModel.certificateKey
    } _: { client, server in
      let connection = try RawConnection(port: try #require(server.state.port))
      defer { connection.close() }
      await connection.send(plain)
      #expect(!(await connection.receive { _ in false }).contains("HTTP"))
      for _ in 0..<3 {
        #expect(try await client.get("/health").status == 200)
        let answer = try await client.post("/embed", Self.body)
        #expect(answer.status == 200 && answer.text.hasPrefix("[["))
      }
    }
  }

  @Test func `a body announced as too long is refused before it is sent`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send(
        "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
          + "Content-Length: 3000000000\r\n\r\n")
      #expect(await connection.response().hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test func `a body that grows too long is refused while it is read`() async throws {
    try await withRunningServer(TestModel.embedder) {
      $0.payloadLimit = 100_000
    } _: { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.send(
        "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n")
      let chunk = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
      for _ in 0..<10 { await connection.send(chunk) }
      #expect(await connection.response().hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test
  func `a body has the same answer short, long, or in chunks, on one connection`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      let long = Self.body + String(repeating: " ", count: 100_000)
      var answers: [Substring] = []
      for request in [
        "Content-Length: \(Self.body.utf8.count)\r\n\r\n\(Self.body)",
        "Content-Length: \(long.utf8.count)\r\n\r\n\(long)",
        "Transfer-Encoding: chunked\r\n\r\n"
          + "\(String(Self.body.utf8.count, radix: 16))\r\n\(Self.body)\r\n0\r\n\r\n",
      ] {
        await connection.send(Self.post + request)
        let answer = await connection.response()
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        answers.append(answer[(answer.range(of: "\r\n\r\n")?.upperBound ?? answer.endIndex)...])
      }
      #expect(answers[0].hasPrefix("[[") && Set(answers).count == 1)
    }
  }

  @Test func `Expect: 100-continue is answered unless the body is too long`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      let connection = try running.connect()
      defer { connection.close() }
      let head =
        "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
      await connection.send(head + "Content-Length: \(Self.body.utf8.count)\r\n\r\n")
      let consent = await connection.receive { $0.contains("\r\n\r\n") }
      #expect(consent.hasPrefix("HTTP/1.1 100 Continue\r\n"))
      await connection.send(Self.body)
      #expect(await connection.response().hasPrefix("HTTP/1.1 200 OK"))
      let other = try running.connect()
      defer { other.close() }
      await other.send(head + "Content-Length: 3000000\r\n\r\n")
      #expect(await other.response().hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test func `an aborted body releases its memory`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      for _ in 0..<5 {
        let connection = try running.connect()
        await connection.send(
          "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Content-Length: 100\r\n\r\n{\"inputs\":")
        connection.close()
      }
      let other = try running.connect()
      defer { other.close() }
      await other.post("/embed", Self.body)
      #expect(await other.response().hasPrefix("HTTP/1.1 200"))
      #expect(try running.serving().queue.reserved == 0)
    }
  }

  @Test func `the queued work of a client that left is dropped and counted`() async throws {
    try await withRunningServer(TestModel.sentiment) { running in
      let serving = try running.serving()
      let busy = try running.connect()
      defer { busy.close() }
      await busy.post("/predict", TestModel.longBatch)
      #expect(try await running.waitUntil { serving.queue.reserved == 32 })
      let leaving = try running.connect()
      await leaving.post("/predict", TestModel.longBatch)
      #expect(try await running.waitUntil { serving.queue.reserved > 40 })
      leaving.close()
      #expect(
        try await running.waitUntil {
          serving.metrics.page().contains(#"te_request_failure{err="dropped"} 1"#)
        })
      #expect(await busy.response().hasPrefix("HTTP/1.1 200"))
      #expect(try await running.waitUntil { serving.queue.reserved == 0 })
    }
  }

  @Test func `a short text is answered long before another client's large batch`() async throws {
    try await withRunningServer(TestModel.sentiment) { running in
      let serving = try running.serving()
      let busy = try running.connect()
      defer { busy.close() }
      await busy.post("/predict", TestModel.longBatch)
      #expect(try await running.waitUntil { serving.queue.reserved == 32 })
      let short = try running.connect()
      defer { short.close() }
      await short.post("/predict", Self.body)
      #expect(await short.response().hasPrefix("HTTP/1.1 200"))
      #expect(serving.queue.reserved > 8)
      #expect(await busy.response().hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func `a request that waits too long is 429 with the reason`() async throws {
    try await withRunningServer(TestModel.sentiment) {
      // To wake a thread of the engine takes longer.
      $0.requestTimeout = 1e-7
    } _: { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.post("/predict", Self.body)
      let answer = await connection.response()
      #expect(answer.hasPrefix("HTTP/1.1 429 "))
      #expect(answer.contains("waited for 1e-07 s in the queue"))
    }
  }
}
#endif
