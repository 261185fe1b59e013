#if Server
import NIOCore
import NIOHTTP1

/// Refuses ambiguous requests. Marks a connection's last request and HTTP/1.0 for the handlers
/// behind the codec, which don't see them.
///
/// - The last request of a connection gets `Connection: close` in the spelling that the server
///   looks for. It is the last one if the client's list has `close`, if it is HTTP/1.0 without
///   `keep-alive`, or if it asks for another protocol (`CONNECT`; `Upgrade: h2c`, the default of
///   Java's client).
/// - `Expect` is removed from HTTP/1.0 requests: their clients don't know `100 Continue`.
final class RequestFramingHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  /// The position of the parser.
  enum Position {
    case betweenRequests, inBody
  }

  private(set) var position = Position.betweenRequests
  /// Number of parts read.
  private(set) var partCount = 0
  /// Whether a request was refused; the bytes behind it are not a request.
  private(set) var hasRefused = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasRefused else { return }
    partCount &+= 1
    switch unwrapInboundIn(data) {
    case .head(var head):
      position = .inBody
      if let fault = head.framingFault { return refuse(fault, context) }
      if !head.isKeepAlive || head.asksForUpgrade {
        head.headers.replaceOrAdd(name: "connection", value: "close")
      }
      if head.isOld { head.headers.remove(name: "expect") }
      context.fireChannelRead(wrapInboundOut(.head(head)))
    case .body: context.fireChannelRead(data)
    case .end:
      position = .betweenRequests
      context.fireChannelRead(data)
    }
  }

  private func refuse(_ fault: ConnectionRefusal, _ context: ChannelHandlerContext) {
    hasRefused = true
    context.fireErrorCaught(fault)
  }
}
#endif
