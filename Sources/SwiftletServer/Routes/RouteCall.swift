#if Server
import HTTPTypes
import Hummingbird
import NIOCore

/// A request on its way through its route.
struct RouteCall: Sendable {
  let request: Request
  let serving: Serving
  let client: ClientConnection
  let start: ContinuousClock.Instant

  /// The body as the route's own request.
  ///
  /// - Throws: ``ServerError`` for a body that is no JSON, not the right JSON or too long, and what the
  ///   connection throws when the client breaks off.
  func read<Body>(_ parse: ([UInt8]) throws(RequestError) -> Body) async throws -> Body {
    try checkContentType()
    let bytes = try await body()
    do throws(RequestError) {
      return try parse(bytes)
    } catch {
      throw ServerError(error)
    }
  }

  /// `application/json` or `application/…+json`, with any parameters.
  private func checkContentType() throws(ServerError) {
    let type = request.headers[.contentType] ?? ""
    // As nearly all clients spell it, which takes no parsing.
    if type == "application/json" { return }
    let name = type.lowercased().prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
    guard name.hasPrefix("application/"), name == "application/json" || name.hasSuffix("+json")
    else { throw .unsupportedMediaType }
  }

  /// The whole body, unless it is longer than the limit: then no more of it is kept than that.
  private func body() async throws -> [UInt8] {
    let limit = serving.configuration.payloadLimit
    var bytes: [UInt8] = []
    if let length = request.headers[.contentLength].flatMap({ Int($0) }) {
      guard length <= limit else { throw ServerError.payloadTooLarge }
      bytes.reserveCapacity(max(0, length))
    }
    for try await buffer in request.body {
      guard buffer.readableBytes <= limit - bytes.count else { throw ServerError.payloadTooLarge }
      bytes.append(contentsOf: buffer.readableBytesView)
    }
    return bytes
  }
}

extension Response {
  /// A body that is sent in one piece with its head.
  init(
    _ bytes: [UInt8], contentType: String = "application/json",
    status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) {
    var headers = headers
    headers[.contentType] = contentType
    self.init(
      status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
#endif
