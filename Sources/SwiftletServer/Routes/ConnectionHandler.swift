#if Server
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// What a server must know of a connection beside its requests: whether the client is still there,
/// and how long it has been sending a body.
///
/// Runs on the connection's event loop.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let connections: ClientConnections
  /// From a request's head to its end; a body that takes longer closes the connection.
  private let bodyTimeout: TimeAmount
  private let payloadLimit: Int
  private var client: ClientConnection?
  private var isReadingBody = false
  private var bodyDeadline: Scheduled<Void>?

  init(connections: ClientConnections, bodyTimeout: TimeAmount, payloadLimit: Int) {
    self.connections = connections
    self.bodyTimeout = bodyTimeout
    self.payloadLimit = payloadLimit
  }

  func handlerAdded(context: ChannelHandlerContext) {
    client = connections.add(context.channel)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    connections.remove(context.channel)
    bodyHasEnded()
    client?.depart()
    client = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    client?.depart()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { client?.depart() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      isReadingBody = true
      if isWaitingForConsent(head) {
        let consent = HTTPResponsePart.head(HTTPResponse(status: .continue))
        context.writeAndFlush(wrapOutboundOut(consent), promise: nil)
      }
    case .body: break
    case .end: bodyHasEnded()
    }
    context.fireChannelRead(data)
  }

  /// A clock is only started for a request that did not come at once.
  func channelReadComplete(context: ChannelHandlerContext) {
    if isReadingBody, bodyDeadline == nil {
      let channel = context.channel
      bodyDeadline = context.eventLoop.scheduleTask(in: bodyTimeout) {
        channel.close(promise: nil)
      }
    }
    context.fireChannelReadComplete()
  }

  /// Whether the client sends its body only once it is told to. One that is too large is never told:
  /// it gets its refusal instead.
  private func isWaitingForConsent(_ head: HTTPRequest) -> Bool {
    guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
    return head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= payloadLimit } ?? true
  }

  private func bodyHasEnded() {
    isReadingBody = false
    bodyDeadline?.cancel()
    bodyDeadline = nil
  }
}
#endif
