#if Server
import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// What a server must know of a connection beside its requests: whether the client is still there,
/// how long it has been sending a body, and when it is over.
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
  /// The last answer was sent: from then on the client's bytes are read and thrown away, until it has
  /// closed the connection too or this closes it.
  private var lingering: Scheduled<Void>?

  /// Bytes that are read at once. A channel keeps its buffer; one that grew with the largest request
  /// would make memory grow for as long as the connections live.
  private static let receiveCapacity = 4096
  /// What a client has to read its last answer and to close. Closed at once, with bytes of it unread,
  /// the connection would be reset and the answer lost.
  static let lingerTime = TimeAmount.seconds(5)

  init(connections: ClientConnections, bodyTimeout: TimeAmount, payloadLimit: Int) {
    self.connections = connections
    self.bodyTimeout = bodyTimeout
    self.payloadLimit = payloadLimit
  }

  func handlerAdded(context: ChannelHandlerContext) {
    client = connections.add(context.channel)
    // Both are known to every socket; other channels may do without.
    try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    try? context.channel.syncOptions?.setOption(
      .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.receiveCapacity))
    // The version of a request is not known behind the codec.
    let pipeline = context.pipeline.syncOperations
    if let codec = try? pipeline.handler(type: HTTP1ToHTTPServerCodec.self) {
      try? pipeline.addHandler(LastRequestHandler(), position: .before(codec))
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    connections.remove(context.channel)
    bodyHasEnded()
    lingering?.cancel()
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

  func close(
    context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
  ) {
    if mode == .output, lingering == nil {
      bodyHasEnded()
      let channel = context.channel
      lingering = context.eventLoop.scheduleTask(in: Self.lingerTime) {
        channel.close(promise: nil)
      }
    }
    context.close(mode: mode, promise: promise)
    if mode == .output { context.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What else is wrong with a request that was refused.
    if lingering == nil { context.fireErrorCaught(error) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard lingering == nil else { return }
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
    if lingering != nil {
      // Nobody behind this handler asks for more.
      context.read()
    } else if isReadingBody, bodyDeadline == nil {
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
