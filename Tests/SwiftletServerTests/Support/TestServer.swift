#if Server
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore

@testable import SwiftletServer

/// A server's answer as tests look at it.
struct Answer: Sendable {
  let status: Int
  let headers: HTTPFields
  let text: String

  func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

  func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}

/// Requests of a client to a server.
struct TestClient: Sendable {
  let client: any TestClientProtocol

  func post(
    _ path: String, _ json: String, contentType: String? = "application/json",
    headers: HTTPFields = [:]
  ) async throws -> Answer {
    try await post(path, bytes: Array(json.utf8), contentType: contentType, headers: headers)
  }

  func post(
    _ path: String, bytes: [UInt8], contentType: String? = "application/json",
    headers: HTTPFields = [:]
  ) async throws -> Answer {
    var headers = headers
    headers[.contentType] = contentType
    return try await send(path, .post, headers, ByteBuffer(bytes: bytes))
  }

  func get(_ path: String, headers: HTTPFields = [:]) async throws -> Answer {
    try await send(path, .get, headers, nil)
  }

  func send(
    _ path: String, _ method: HTTPRequest.Method, _ headers: HTTPFields = [:],
    _ body: ByteBuffer? = nil
  ) async throws -> Answer {
    let response = try await client.executeRequest(
      uri: path, method: method, headers: headers, body: body)
    return Answer(
      status: response.status.code, headers: response.headers,
      text: String(buffer: response.body))
  }
}

/// The configuration of a tested server: a free port on this machine and two threads.
func testConfiguration(
  _ model: String, _ change: (inout ServerConfiguration) -> Void
) -> ServerConfiguration {
  var configuration = ServerConfiguration(modelDirectory: model, servedModelName: "tested")
  configuration.hostname = "127.0.0.1"
  configuration.port = 0
  configuration.threads = 2
  change(&configuration)
  return configuration
}

let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Has `body` talk to a server with a loaded model.
///
/// - Parameters:
///   - model: The model's folder.
///   - setup: `.router` leaves out the network.
///   - isLoaded: Whether the model is loaded before.
///   - change: Changes the configuration.
///   - body: The test.
/// - Throws: What loading the model or the test throws.
func withServer(
  _ model: String, _ setup: TestingSetup = .router, isLoaded: Bool = true,
  _ change: (inout ServerConfiguration) -> Void = { _ in },
  _ body: @Sendable (TestClient, SwiftletServer) async throws -> Void
) async throws {
  let server = SwiftletServer(
    configuration: testConfiguration(model, change), logger: silentLogger)
  if isLoaded { try await server.load() }
  try await server.application().test(setup) { try await body(TestClient(client: $0), server) }
}

/// `{"error", "error_type"}`
struct WireError: Decodable, Equatable {
  var error: String
  var type: String

  enum CodingKeys: String, CodingKey {
    case error
    case type = "error_type"
  }
}
#endif
