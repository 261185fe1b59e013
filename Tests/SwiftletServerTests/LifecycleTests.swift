#if Server
import Foundation
import ServiceLifecycle
import Swiftlet
import Testing

@testable import SwiftletServer

@Suite(.timeLimit(.minutes(10)))
struct LifecycleTests {
  private func configuration(_ model: String) -> ServerConfiguration {
    var configuration = ServerConfiguration(modelDirectory: model)
    configuration.hostname = "127.0.0.1"
    configuration.port = 0
    return configuration
  }

  @Test func `a stopping server answers requests in flight and accepts no others`() async throws {
    try await withRunningServer(TestModel.sentiment) {
      $0.drainTimeout = 300
      $0.requestTimeout = 300
    } _: { running in
      let serving = try running.serving()
      let connections = try (0..<3).map { _ in try running.connect() }
      defer { for connection in connections { connection.close() } }
      for connection in connections { await connection.post("/predict", TestModel.longBatch) }
      let idle = try running.connect()
      defer { idle.close() }
      #expect(try await running.waitUntil { serving.queue.reserved >= 70 })
      await running.group.triggerGracefulShutdown()
      #expect(try await running.waitUntil { !running.server.state.isHealthy })
      for connection in connections {
        let answer = await connection.response()
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        #expect(answer.hasSuffix("]]"))
      }
      // The idle connection was closed, and the port is not open any more.
      #expect(await idle.receive { _ in false } == "")
      #expect(throws: RawConnection.Failure.self) { try running.connect() }
    }
  }

  @Test func `a stopping server completes a long answer and announces the close`() async throws {
    let text = String(repeating: "a ", count: 30_000)
    let inputs = Array(repeating: "\"\(text)\"", count: 8).joined(separator: ",")
    try await withRunningServer(TestModel.sentiment) {
      $0.drainTimeout = 60
    } _: { running in
      let connection = try running.connect()
      defer { connection.close() }
      await connection.post("/tokenize", "{\"inputs\": [\(inputs)]}")
      let head = await connection.receive { $0.contains("\r\n\r\n") }
      let length = head.lowercased().split(separator: "\r\n")
        .first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) }
      let headLength = try #require(head.range(of: "\r\n\r\n")).upperBound
      let expected = try #require(length) - head[headLength...].utf8.count
      #expect(expected > 10_000_000, "more than the buffers of both ends hold")
      await running.group.triggerGracefulShutdown()
      #expect(try await running.waitUntil { !running.server.state.isHealthy })
      #expect(await connection.count(atMost: expected) == expected)
    }
  }

  @Test func `requests beyond the drain timeout get an answer, and the server ends`() async throws {
    try await withRunningServer(TestModel.sentiment) {
      $0.drainTimeout = 0.05
    } _: { running in
      let serving = try running.serving()
      let connections = try (0..<8).map { _ in try running.connect() }
      defer { for connection in connections { connection.close() } }
      for connection in connections { await connection.post("/predict", TestModel.longBatch) }
      #expect(try await running.waitUntil { serving.queue.reserved >= 200 })
      await running.group.triggerGracefulShutdown()
      var statuses: Set<Substring> = []
      for connection in connections { statuses.insert(await connection.response().prefix(12)) }
      // Some answers may have been ready before.
      #expect(statuses.subtracting(["HTTP/1.1 200"]) == ["HTTP/1.1 503"])
    }
  }

  @Test func `a missing model ends the server with an error`() async throws {
    let server = SwiftletServer(configuration: configuration("/nowhere"))
    await #expect(throws: SwiftletError.self) { try await server.run() }
  }

  @Test func `a model without a route is refused`() async throws {
    let server = SwiftletServer(configuration: configuration(TestModel.tokens))
    let error = await #expect(throws: SwiftletError.self) { try await server.run() }
    #expect(error?.description.contains("ForTokenClassification") == true)
  }

  @Test func `a port in use is an error at once`() async throws {
    try await withRunningServer(TestModel.embedder) { running in
      var second = configuration(TestModel.embedder)
      second.port = running.port
      let server = SwiftletServer(configuration: second)
      await #expect(throws: (any Error).self) { try await server.run() }
    }
  }

  @Test func `invalid settings are named`() async throws {
    let changes: [(String, (inout ServerConfiguration) -> Void)] = [
      ("--max-concurrent-requests", { $0.maxConcurrentRequests = 0 }),
      ("--max-batch-tokens", { $0.maxBatchTokens = 0 }),
      ("--max-batch-requests", { $0.maxBatchRequests = 0 }),
      ("--max-client-batch-size", { $0.maxClientBatchSize = -1 }),
      ("--payload-limit", { $0.payloadLimit = 0 }),
      ("--payload-limit", { $0.payloadLimit = .max }),
      ("--threads", { $0.threads = 0 }),
      ("--cors-allow-origin", { $0.corsAllowOrigins = ["example.com"] }),
      ("--port", { $0.port = 70000 }),
      ("--request-timeout", { $0.requestTimeout = -.infinity }),
      ("--request-timeout", { $0.requestTimeout = 0 }),
      ("--drain-timeout", { $0.drainTimeout = .nan }),
      ("--api-key", { $0.apiKey = "" }),
    ]
    for (name, change) in changes {
      var configuration = configuration(TestModel.embedder)
      change(&configuration)
      let server = SwiftletServer(configuration: configuration)
      let error = await #expect(throws: SwiftletError.self) { try await server.run() }
      #expect(error?.description.contains(name) == true)
    }
  }

  @Test func `a certificate needs its key, and both must be there`() async throws {
    let file = "/nowhere.pem"
    for (certificate, key) in [(file, nil), (nil, file), (file, file)] as [(String?, String?)] {
      var configuration = configuration(TestModel.embedder)
      configuration.tlsCertificatePath = certificate
      configuration.tlsKeyPath = key
      let server = SwiftletServer(configuration: configuration)
      await #expect(throws: ServerStartError.self) { try await server.run() }
    }
  }
}
#endif
