#if Server
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import SwiftletServer

@Suite(.timeLimit(.minutes(10)))
struct CompressedResponseTests {
  @Test(arguments: [
    (nil, false, true), ("", false, true), ("gzip", true, true), ("x-gzip", true, true),
    ("GZIP", true, true), ("deflate, gzip, br", true, true), ("gzip;q=0", false, true),
    ("gzip;q=0.5", true, true), ("gzip ; q=0.5 , identity;q=1", false, true), ("*", true, true),
    ("identity", false, true), ("*;q=0", false, false), ("gzip, *;q=0", true, false),
    ("identity;q=0, gzip", true, false), ("identity;q=0", false, false), ("br", false, true),
    ("gzip;q=nonsense", false, true), ("gzip;q=2", false, true), (",,;q=1,", false, true),
    ("gzip;q=0.000", false, true),
  ])
  func `Accept-Encoding is read with its weights`(field: String?, gzip: Bool, identity: Bool) {
    let accepted = AcceptedCodings(field)
    #expect(accepted.gzip == gzip && accepted.identity == identity)
  }

  private func send(
    _ client: TestClient, _ path: String, _ body: String? = nil, accepting field: String?,
    _ others: HTTPFields = [:]
  ) async throws -> (head: HTTPResponse, body: [UInt8]) {
    var headers = others
    headers[.acceptEncoding] = field
    if body != nil { headers[.contentType] = "application/json" }
    let response = try await client.client.executeRequest(
      uri: path, method: body == nil ? .get : .post, headers: headers,
      body: body.map { ByteBuffer(string: $0) })
    return (response.head, Array(buffer: response.body))
  }

  private func expanded(_ bytes: [UInt8]) throws -> [UInt8] {
    var inflater = Inflater(.gzip, limit: 1 << 26)
    try inflater.append(bytes)
    return try inflater.finish()
  }

  private static let batch =
    #"{"inputs": ["# + (0..<20).map { "\"text \($0)\"" }.joined(separator: ",") + "]}"

  @Test func `a compressed answer has the same bytes, fewer of them, and says so`() async throws {
    try await withServer(TestModel.embedder, .live) { client, _ in
      let plain = try await send(client, "/embed", Self.batch, accepting: nil)
      #expect(plain.head.headerFields[.contentEncoding] == nil)
      #expect(plain.head.headerFields[.vary] == "Accept-Encoding")
      let packed = try await send(client, "/embed", Self.batch, accepting: "gzip, deflate")
      #expect(packed.head.status == .ok)
      #expect(packed.head.headerFields[.contentEncoding] == "gzip")
      #expect(packed.head.headerFields[.vary] == "Accept-Encoding")
      #expect(packed.head.headerFields[.contentLength] == "\(packed.body.count)")
      #expect(packed.body.count * 2 < plain.body.count)
      #expect(try expanded(packed.body) == plain.body)
    }
  }

  @Test func `a short answer stays as it is, unless the client refuses that`() async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let short = try await send(client, "/predict", #"{"inputs": "a"}"#, accepting: "gzip")
      #expect(short.head.headerFields[.contentEncoding] == nil)
      #expect(short.head.headerFields[.vary] == nil)
      let forced = try await send(
        client, "/predict", #"{"inputs": "a"}"#, accepting: "gzip, identity;q=0")
      #expect(forced.head.headerFields[.contentEncoding] == "gzip")
      #expect(try expanded(forced.body) == short.body)
      let health = try await send(client, "/health", accepting: "gzip, identity;q=0")
      #expect(health.head.status == .ok && health.body.isEmpty)
      #expect(health.head.headerFields[.contentEncoding] == nil)
    }
  }

  @Test(arguments: ["/ui", "/docs", "/api-doc/openapi.json", "/metrics"])
  func `pages are compressed too, and HEAD has the headers of GET`(path: String) async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      _ = try await client.post("/predict", #"{"inputs": "a"}"#)
      let packed = try await send(client, path, accepting: "gzip")
      #expect(packed.head.headerFields[.contentEncoding] == "gzip")
      let plain = try await send(client, path, accepting: nil)
      if path != "/metrics" { #expect(try expanded(packed.body) == plain.body) }
      let head = try await client.send(path, .head, [.acceptEncoding: "gzip"])
      #expect(head.text.isEmpty && head.headers[.contentEncoding] == "gzip")
      if path != "/metrics" {
        #expect(head.headers[.contentLength] == "\(packed.body.count)")
      }
    }
  }

  @Test func `a server that must not compress does not, and errors are never compressed`()
    async throws
  {
    try await withServer(TestModel.embedder) {
      $0.compressesResponses = false
    } _: { client, _ in
      let plain = try await send(client, "/embed", Self.batch, accepting: "gzip")
      #expect(plain.head.headerFields[.contentEncoding] == nil)
      #expect(plain.head.headerFields[.vary] == nil)
    }
    try await withServer(TestModel.embedder) { client, _ in
      let error = try await send(client, "/embed", "{", accepting: "gzip")
      #expect(error.head.status == .badRequest)
      #expect(error.head.headerFields[.contentEncoding] == nil)
    }
  }

  @Test func `caches learn of both, the origin and the coding`() async throws {
    try await withServer(TestModel.embedder) {
      $0.corsAllowOrigins = ["https://a.example"]
    } _: { client, _ in
      let answer = try await send(
        client, "/embed", Self.batch, accepting: "gzip", [.origin: "https://a.example"])
      #expect(answer.head.headerFields[.vary] == "Accept-Encoding, Origin")
      let short = try await send(client, "/health", accepting: "gzip")
      #expect(short.head.headerFields[.vary] == "Origin")
    }
  }

  @Test func `a long answer is compressed as a whole and sent as the client reads it`() async throws
  {
    let text = String(repeating: "a ", count: 12_000)
    let inputs = Array(repeating: "\"\(text)\"", count: 8).joined(separator: ",")
    try await withServer(TestModel.sentiment, .live) { client, server in
      let body = "{\"inputs\": [\(inputs)]}"
      let plain = try await send(client, "/tokenize", body, accepting: nil)
      #expect(plain.body.count > 5_000_000)
      let packed = try await send(client, "/tokenize", body, accepting: "gzip")
      #expect(packed.head.headerFields[.contentLength] == "\(packed.body.count)")
      #expect(packed.body.count * 4 < plain.body.count)
      #expect(try expanded(packed.body) == plain.body)
    }
  }
}
#endif
