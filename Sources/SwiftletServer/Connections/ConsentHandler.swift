#if Server
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Tells a client that waits for it to send its body: `100 Continue`.
final class ConsentHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let payloadLimit: Int
  /// Requests whose heads were read and whose answers are not written to their ends.
  private var requestCount = 0
  /// The client waits to be told to send the body of a request behind another.
  private var owesConsent = false

  init(payloadLimit: Int) { self.payloadLimit = payloadLimit }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) {
      requestCount += 1
      owesConsent = isWaitingForConsent(head)
      // Never into the answer to the request before it.
      if owesConsent, requestCount == 1 { consent(context) }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
    context.write(data, promise: promise)
    guard isEnd else { return }
    requestCount -= 1
    if owesConsent, requestCount == 1 { consent(context) }
  }

  /// Whether the client sends its body only once it is told to. One that is too large is never told:
  /// it gets its refusal instead.
  private func isWaitingForConsent(_ head: HTTPRequest) -> Bool {
    guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
    return head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= payloadLimit } ?? true
  }

  private func consent(_ context: ChannelHandlerContext) {
    owesConsent = false
    let consent = HTTPResponsePart.head(HTTPResponse(status: .continue))
    context.writeAndFlush(wrapOutboundOut(consent), promise: nil)
  }
}
#endif
