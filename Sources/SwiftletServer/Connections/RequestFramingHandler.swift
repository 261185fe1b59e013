#if Server
import NIOCore
import NIOHTTP1

/// Refuses requests that can be read in more than one way, and tells the others of their last request
/// and of HTTP/1.0, which the handlers behind the codec don't see.
///
/// - `Connection: close` is set, in the one spelling that the server looks for, on every request that is
///   its connection's last: whatever else the client's list has, and of HTTP/1.0 unless it says
///   otherwise. A request that asks for another protocol (`Upgrade: h2c`, as Java's client does by
///   default; `CONNECT`) is its connection's last too.
/// - `Expect` is removed from requests of HTTP/1.0, whose clients know no `100 Continue`.
final class RequestFramingHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  /// Where the parser is.
  enum Position {
    case betweenRequests, inBody
  }

  private(set) var position = Position.betweenRequests
  /// Parts that were read.
  private(set) var partCount = 0
  /// A request was refused; what comes behind it is not a request's.
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
