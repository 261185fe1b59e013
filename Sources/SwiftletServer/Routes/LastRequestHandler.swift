#if Server
import NIOCore
import NIOHTTP1

/// Says `Connection: close` of every request that is its connection's last, in the one spelling that
/// the server looks for: whatever else the client's list has, and of HTTP/1.0 unless it says otherwise.
///
/// A request that asks for another protocol (`Upgrade: h2c`, as Java's client does by default; `CONNECT`)
/// is its connection's last too: the parser takes what follows it for that protocol's.
final class LastRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data), !head.isKeepAlive || head.asksForUpgrade
    else {
      context.fireChannelRead(data)
      return
    }
    head.headers.replaceOrAdd(name: "connection", value: "close")
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }
}

extension HTTPRequestHead {
  fileprivate var asksForUpgrade: Bool {
    method == .CONNECT
      || (headers.contains(name: "upgrade")
        && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" })
  }
}
#endif
