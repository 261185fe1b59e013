#if Server
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers what is not a request, or does not come to its end, as routes answer errors: with a status
/// that says what is wrong, and JSON.
///
/// Hummingbird answers a parser's error, behind the answers to earlier requests, by 400 without a body
/// and closes the connection. This handler makes such errors of the others, and puts its own answer in
/// the place of that 400.
final class RefusalHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let log: RequestLog
  private var refusal: ConnectionRefusal?
  /// The name of the refused request.
  private var requestID = ""
  /// The request that is being read.
  private var head: HTTPRequest?
  /// Requests whose heads were read and whose answers are not written to their ends.
  private var requestCount = 0
  /// All answers are written.
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
    // What else is wrong with the same request.
    guard refusal == nil else { return }
    guard let refusal = ConnectionRefusal(error) else { return context.fireErrorCaught(error) }
    self.refusal = refusal
    // An answer that does not need the body may be there before the body ends, or does not.
    guard !isAnswered || refusal.reason != .incomplete else {
      return context.channel.close(mode: .output, promise: nil)
    }
    requestID = RequestID.of(head?.headerFields ?? [:])
    log.refused(refusal, head, id: requestID, context.channel)
    context.fireErrorCaught(HTTPParserError.unknown)
  }

  /// Whether the request whose body is being read has its answer already.
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
        // One request has one answer.
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
