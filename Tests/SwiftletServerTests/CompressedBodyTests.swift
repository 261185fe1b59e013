#if Server
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import SwiftletServer

@Suite struct CompressedBodyTests {
  private static let json = InflaterTests.bodies.filter { $0.name.hasPrefix("json ") }

  private func fields(_ coding: String) -> HTTPFields {
    var fields = HTTPFields()
    fields[.contentEncoding] = coding
    return fields
  }

  @Test(arguments: json)
  func `gzip and deflate bodies have the plain body's answer, in pieces too`(
    body: InflaterTests.Body
  )
    async throws
  {
    try await withServer(TestModel.sentiment, .live) { client, _ in
      let plain = try await client.post("/predict", bytes: body.text)
      let coding = body.kind == .gzip ? "gzip" : "deflate"
      let answer = try await client.post("/predict", bytes: body.bytes, headers: fields(coding))
      #expect(answer.status == 200)
      #expect(answer.text == plain.text)
    }
  }

  @Test func `expansion stops at the limit and is refused`() async throws {
    let bomb = try #require(InflaterTests.bodies.first { $0.name == "zeros best gzip" })
    try await withServer(TestModel.sentiment) {
      $0.payloadLimit = 20_000
    } _: { client, _ in
      let answer = try await client.post("/predict", bytes: bomb.bytes, headers: fields("gzip"))
      #expect(bomb.bytes.count < 20_000)
      #expect(answer.status == 413)
    }
  }

  @Test func `a compressed body is charged for its expanded size`() async throws {
    let body = try #require(InflaterTests.bodies.first { $0.name == "zeros best gzip" })
    let room = BodyBudget.maxShort
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

  @Test func `an unknown coding is 415 with the known ones, a damaged body 400`() async throws {
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
