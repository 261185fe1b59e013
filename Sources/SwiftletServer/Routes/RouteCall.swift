#if Server
import HTTPTypes
import Hummingbird
import NIOCore
import SwiftletSystem

/// A request, with what its route needs to answer it.
struct RouteCall: Sendable {
  let request: Request
  var serving: Serving
  /// All models of the server.
  let models: ServedModels
  /// Whether the path names the model.
  let isNamed: Bool
  let client: ClientConnection
  let start: ContinuousClock.Instant
  /// The body's share of the memory for bodies, held until the request is answered.
  let bodyShare: BodyBudget.Share

  /// Reads the body as the route's request type.
  ///
  /// - Throws: ``ServerError`` for a body that is not JSON, has the wrong shape, is too long or has
  ///   an unsupported compression, and the connection's error if the client disconnects.
  func read<Body>(_ parse: ([UInt8]) throws(RequestError) -> Body) async throws -> Body {
    try checkContentType()
    let coding = try ContentCoding.named(request.headers[.contentEncoding])
    let bytes = try await body(coding)
    do throws(RequestError) {
      return try parse(bytes)
    } catch {
      throw ServerError(error)
    }
  }

  /// `application/json` or `application/…+json`, with any parameters.
  private func checkContentType() throws(ServerError) {
    let type = request.headers[.contentType] ?? ""
    // Nearly all clients spell it like this, and it needs no parsing.
    if type == "application/json" { return }
    let name = type.lowercased().prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
    guard name.hasPrefix("application/"), name == "application/json" || name.hasSuffix("+json")
    else { throw .unsupportedMediaType }
  }

  /// The whole body, expanded if it is compressed. If it is longer than the limit before or after
  /// that, no more than the limit is kept.
  private func body(_ coding: ContentCoding?) async throws -> [UInt8] {
    let limit = serving.configuration.payloadLimit
    if let coding { return try await expandedBody(coding, limit) }
    var bytes: [UInt8] = []
    if let length = request.headers[.contentLength].flatMap({ Int($0) }) {
      guard length <= limit else { throw ServerError.payloadTooLarge }
      try bodyShare.announce(length)
      bytes.reserveCapacity(length)
    }
    for try await buffer in request.body {
      guard buffer.readableBytes <= limit - bytes.count else { throw ServerError.payloadTooLarge }
      try bodyShare.grow(to: bytes.count + buffer.readableBytes)
      bytes.append(contentsOf: buffer.readableBytesView)
    }
    return bytes
  }

  private func expandedBody(_ coding: ContentCoding, _ limit: Int) async throws -> [UInt8] {
    var inflater = Inflater(coding, limit: limit)
    var left = limit
    do {
      for try await buffer in request.body {
        left -= buffer.readableBytes
        guard left >= 0 else { throw Inflater.Failure.tooLong }
        try inflater.append(buffer.readableBytesView)
        try bodyShare.grow(to: inflater.count)
      }
      return try inflater.finish()
    } catch let failure as Inflater.Failure {
      switch failure {
      case .tooLong: throw ServerError.payloadTooLarge
      case .malformed(let problem): throw ServerError.malformedEncoding(problem)
      case .memory: throw ServerError.noMemory(cause: "zlib's memory was refused")
      }
    }
  }
}

extension RouteCall {
  /// This call for the model that the body names. A server with one model ignores the name, as
  /// text-embeddings-inference does, and so does a path with a model's name.
  ///
  /// - Throws: ``ServerError/noModel(_:served:)``.
  func selecting(_ model: String?) throws(ServerError) -> RouteCall {
    guard let model, !isNamed, models.all.count > 1 else { return self }
    var call = self
    call.serving = try models.named(model)
    return call
  }

  /// Answers the call; a failure is counted once in the model's metrics, unless the body is
  /// malformed.
  func counted(_ handler: (RouteCall) async throws -> Response) async throws -> Response {
    do {
      return try await handler(self)
    } catch var error as ServerError {
      if let failure = error.failure { serving.metrics.requestFailed(failure) }
      error.failure = nil
      throw error
    }
  }

  /// The codings of a response that the client accepts; nil if the server does not compress.
  var acceptedCodings: AcceptedCodings? {
    serving.configuration.compressesResponses
      ? AcceptedCodings(request.headers[.acceptEncoding]) : nil
  }

  /// Reserves memory for a long response; see ``ResponseMemoryBudget/share(of:at:abort:)``.
  func responseShare(of bytes: Int) throws(ServerError) -> ResponseMemoryBudget.Share? {
    try Self.checkMemory(bytes, for: "the answer")
    return try serving.responseMemory.share(of: bytes) { [client] in client.abort() }
  }

  /// Refuses the body of this request, and the inputs in it, if the system has no memory for them.
  ///
  /// - Throws: ``ServerError/noMemory(cause:)``.
  func checkMemory() throws(ServerError) {
    let most = serving.configuration.payloadLimit
    // The size of a compressed body is not known before it is expanded.
    let isCompressed = request.headers[.contentEncoding] != nil
    let length = isCompressed ? nil : request.headers[.contentLength].flatMap { Int($0) }
    try Self.checkMemory(
      Self.bytesPerByte * min(length ?? most, most), for: "the body of a request")
  }

  /// Memory for each byte of a body: as received, as collected, as texts, and as tokens.
  private static let bytesPerByte = 4

  private static func checkMemory(_ bytes: Int, for purpose: String) throws(ServerError) {
    do throws(MemoryError) {
      try MemoryReserve.check(bytes, for: purpose)
    } catch {
      throw .noMemory(cause: "\(error)")
    }
  }

  /// Writes a response of about this size on the connection's event loop, or on another thread if
  /// that would delay the loop's other connections.
  func making<Value>(
    bytes: Int, _ body: () async throws(ServerError) -> Value
  ) async throws(ServerError) -> Value {
    guard bytes > 4 * ResponseMemoryBudget.maxUncounted else { return try await body() }
    return try await withTaskExecutorPreference(globalConcurrentExecutor) {
      () async throws(ServerError) in try await body()
    }
  }
}

extension Response {
  /// A short body is sent in one piece with its head, a long one as fast as the client reads it. A
  /// long one holds its share of memory until it is sent.
  init(
    _ content: ResponseContent, contentType: String = "application/json",
    status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
    holding share: ResponseMemoryBudget.Share? = nil
  ) {
    var headers = headers
    headers[.contentType] = contentType
    if content.isCompressed { headers[.contentEncoding] = "gzip" }
    if content.varies { headers[.vary] = "Accept-Encoding" }
    let bytes = content.bytes
    let body: ResponseBody
    let piece = ResponseMemoryBudget.maxUncounted
    if bytes.count <= piece {
      body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    } else {
      share?.shrink(to: bytes.count)
      body = ResponseBody(contentLength: bytes.count) { [share] writer in
        for first in stride(from: 0, to: bytes.count, by: piece) {
          let end = min(first + piece, bytes.count)
          share?.progress()
          try await writer.write(ByteBuffer(bytes: bytes[first..<end]))
        }
        try await writer.finish(nil)
        withExtendedLifetime(share) {}
      }
    }
    self.init(status: status, headers: headers, body: body)
  }
}
#endif
