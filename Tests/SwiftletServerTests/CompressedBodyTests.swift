#if Server
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import SwiftletServer

@Suite("Requests with compressed bodies")
struct CompressedBodyTests {
  private static let json = InflaterTests.bodies.filter { $0.name.hasPrefix("json ") }

  private func fields(_ coding: String) -> HTTPFields {
    var fields = HTTPFields()
    fields[.contentEncoding] = coding
    return fields
  }

  @Test("gzip and deflate are answered as the plain body is, in pieces too", arguments: json)
  func answers(body: InflaterTests.Body) async throws {
    try await withServer(TestModel.sentiment, .live) { client, _ in
      let plain = try await client.post("/predict", bytes: body.text)
      let coding = body.kind == .gzip ? "gzip" : "deflate"
      let answer = try await client.post("/predict", bytes: body.bytes, headers: fields(coding))
      #expect(answer.status == 200)
      #expect(answer.text == plain.text)
    }
  }

  @Test("What expands beyond the limit is refused, and no more of it is expanded")
  func bomb() async throws {
    let bomb = try #require(InflaterTests.bodies.first { $0.name == "zeros best gzip" })
    try await withServer(TestModel.sentiment) {
      $0.payloadLimit = 20_000
    } _: { client, _ in
      let answer = try await client.post("/predict", bytes: bomb.bytes, headers: fields("gzip"))
      #expect(bomb.bytes.count < 20_000)
      #expect(answer.status == 413)
    }
  }

  @Test("A compressed body takes as much of the memory for bodies as it expands to")
  func budget() async throws {
    let body = try #require(InflaterTests.bodies.first { $0.name == "zeros best gzip" })
    let room = BodyBudget.mostShort
    #expect(body.bytes.count < 1000 && 1000 < body.text.count && body.text.count < room)
    try await withServer(TestModel.sentiment) { client, server in
      let bodies = try server.state.serving().bodies
      do {
        let others = (0..<BodyBudget.limits.short / room).map { _ in bodies.makeShare() }
        for other in others.dropFirst() { try other.grow(to: room) }
        try others[0].grow(to: room - body.text.count + 1)
        let refused = try await client.post(
          "/predict", bytes: body.bytes, headers: fields("gzip"))
        #expect(refused.status == 429 && refused.header("retry-after") == "1")
        #expect(try await client.post("/predict", #"{"inputs": "a"}"#).status == 200)
        try others[0].grow(to: room - body.text.count)
        // It has room, and is read: it is not JSON.
        let read = try await client.post("/predict", bytes: body.bytes, headers: fields("gzip"))
        #expect(read.status == 400)
      }
      #expect(bodies.used == 0)
    }
  }

  @Test("Another coding is 415 and says which are read; a damaged body is 400")
  func refusals() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      for coding in ["zstd", "br", "gzip, gzip"] {
        let answer = try await client.post(
          "/predict", bytes: Array(#"{"inputs": "a"}"#.utf8), headers: fields(coding))
        #expect(answer.status == 415)
        #expect(answer.header("accept-encoding") == "gzip, deflate")
        #expect(answer.text.contains(coding))
      }
      let plain = try await client.post(
        "/predict", bytes: Array(#"{"inputs": "a"}"#.utf8), headers: fields("gzip"))
      #expect(plain.status == 400)
      #expect(plain.text.contains("decompress"))
      let identity = try await client.post(
        "/predict", bytes: Array(#"{"inputs": "a"}"#.utf8), headers: fields("identity"))
      #expect(identity.status == 200)
    }
  }
}
#endif
