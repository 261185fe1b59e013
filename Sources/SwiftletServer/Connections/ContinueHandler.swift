#if Server
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Sends `100 Continue` to a client that waits for it before it sends its body.
final class ContinueHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let payloadLimit: Int
  /// Requests whose heads were read and whose responses are not completely written.
  private var requestCount = 0
  /// Whether the client waits for `100 Continue` for a request behind another one.
  private var owesContinue = false

  init(payloadLimit: Int) { self.payloadLimit = payloadLimit }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) {
      requestCount += 1
      owesContinue = expectsContinue(head)
      // Not in the middle of the response to the previous request.
      if owesContinue, requestCount == 1 { sendContinue(context) }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
    context.write(data, promise: promise)
    guard isEnd else { return }
    requestCount -= 1
    if owesContinue, requestCount == 1 { sendContinue(context) }
  }

  /// Whether the client waits for `100 Continue`. A body that is too large is refused without it.
  private func expectsContinue(_ head: HTTPRequest) -> Bool {
    guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
    return head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= payloadLimit } ?? true
  }

  private func sendContinue(_ context: ChannelHandlerContext) {
    owesContinue = false
    let part = HTTPResponsePart.head(HTTPResponse(status: .continue))
    context.writeAndFlush(wrapOutboundOut(part), promise: nil)
  }
}
#endif
