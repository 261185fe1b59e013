#if Server
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers malformed and incomplete requests as routes answer errors: with a specific status and
/// JSON.
///
/// Hummingbird answers a parser error with 400 and no body, after the responses to earlier
/// requests, and closes the connection. This handler turns every refusal into a parser error and
/// replaces that 400.
final class RefusalHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let log: RequestLog
  private var refusal: ConnectionRefusal?
  /// The id of the refused request.
  private var requestID = ""
  /// The request that is being read.
  private var head: HTTPRequest?
  /// Requests whose heads were read and whose responses are not completely written.
  private var requestCount = 0
  /// Whether all responses are written.
  private var isSilent = false

  init(log: RequestLog) { self.log = log }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard refusal == nil else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      requestCount += 1
    case .body: break
    case .end: head = nil
    }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Further errors of the same request.
    guard refusal == nil else { return }
    guard let refusal = ConnectionRefusal(error) else { return context.fireErrorCaught(error) }
    self.refusal = refusal
    // A route that does not need the body may have answered before its end.
    guard !isAnswered || refusal.reason != .incomplete else {
      return context.channel.close(mode: .output, promise: nil)
    }
    requestID = RequestID.of(head?.headerFields ?? [:])
    log.refused(refusal, head, id: requestID, context.channel)
    context.fireErrorCaught(HTTPParserError.unknown)
  }

  /// Whether the request whose body is being read already has its response.
  private var isAnswered: Bool { head != nil && requestCount == 0 }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isSilent else {
      promise?.succeed()
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let response):
      guard let refusal, response.status == .badRequest,
        response.headerFields[.contentLength] == "0"
      else { break }
      guard !isAnswered else {
        // A request has one response.
        isSilent = true
        promise?.succeed()
        return context.channel.close(mode: .output, promise: nil)
      }
      let body = ByteBuffer(bytes: ResponseWriter.error(refusal.error))
      var fields = refusal.error.fields
      fields[.contentType] = "application/json"
      fields[.contentLength] = "\(body.readableBytes)"
      fields[.connection] = "close"
      if let name = RequestID.header { fields[name] = requestID }
      let head = HTTPResponse(
        status: HTTPResponse.Status(code: refusal.error.status), headerFields: fields)
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      return context.write(wrapOutboundOut(.body(body)), promise: promise)
    case .body: break
    case .end: requestCount = max(0, requestCount - 1)
    }
    context.write(data, promise: promise)
  }
}
#endif
