#if Server
import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// What a server must know of a connection beside its requests: whether the client is still there,
/// how long it has been sending a body or taking an answer, and when it is over.
///
/// Runs on the connection's event loop.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let connections: ClientConnections
  /// From a request's head to its end, and from one piece of an answer that the client takes to the
  /// next; what takes longer closes the connection.
  private let timeout: TimeAmount
  private let payloadLimit: Int
  private var client: ClientConnection?
  private var isReadingBody = false
  private var bodyDeadline: Scheduled<Void>?
  /// Requests that were begun to be read and whose answers are not written to their ends.
  private var requestCount = 0
  /// Pieces of answers that the system has not taken yet.
  private var unsentCount = 0
  /// Whether it has taken one since ``sendingCheck`` was set.
  private var hasSent = false
  /// The client waits to be told to send the body of a request behind another.
  private var owesConsent = false
  private var sendingCheck: Scheduled<Void>?
  /// When the client was begun to be answered.
  private var answerStart = NIODeadline.distantPast
  /// The connection is to be closed once all of the last answer is sent.
  private var closesWhenSent = false
  /// The last answer was sent: from then on the client's bytes are read and thrown away, until it has
  /// closed the connection too or this closes it.
  private var lingering: Scheduled<Void>?

  /// Bytes that are read at once. A channel keeps its buffer; one that grew with the largest request
  /// would make memory grow for as long as the connections live.
  private static let receiveCapacity = 4096
  /// Bytes that the system takes before it has sent those that it has. With as many as it likes,
  /// megabytes, it says too seldom that a slow client has taken some, and they count nowhere.
  private static let unsentCapacity = 131_072
  /// TCP_NOTSENT_LOWAT in linux/tcp.h, on every processor.
  private static let unsentLowWater: CInt = 25
  /// However steadily a client takes its answer, it may not hold its memory for longer.
  static let longestSending = TimeAmount.minutes(10)
  /// What a client has to read its last answer and to close. Closed at once, with bytes of it unread,
  /// the connection would be reset and the answer lost.
  static let lingerTime = TimeAmount.seconds(5)

  init(connections: ClientConnections, timeout: TimeAmount, payloadLimit: Int) {
    self.connections = connections
    self.timeout = timeout
    self.payloadLimit = payloadLimit
  }

  func handlerAdded(context: ChannelHandlerContext) {
    client = connections.add(context.channel)
    // All of them are known to every socket; other channels may do without.
    try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    try? context.channel.syncOptions?.setOption(
      ChannelOptions.Types.SocketOption(
        level: .tcp, name: NIOBSDSocket.Option(rawValue: Self.unsentLowWater)),
      value: Self.unsentCapacity)
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
    sendingCheck?.cancel()
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

  /// Whoever closes a connection whose answer is not sent yet closes it once it is: the others behind
  /// this handler only know that it is written.
  func close(
    context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
  ) {
    if unsentCount > 0, mode != .input, context.channel.isActive, !connections.areEnding {
      closesWhenSent = true
      context.channel.closeFuture.cascade(to: promise)
    } else if mode == .output {
      closeOutput(context, promise)
    } else {
      context.close(mode: mode, promise: promise)
    }
  }

  private func closeOutput(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    if lingering == nil {
      bodyHasEnded()
      let channel = context.channel
      lingering = context.eventLoop.scheduleTask(in: Self.lingerTime) {
        channel.close(promise: nil)
      }
    }
    context.close(mode: .output, promise: promise)
    context.read()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head:
      answerStart = context.eventLoop.now
      context.write(data, promise: promise)
      return
    case .body: break
    case .end:
      requestCount -= 1
      startBodyClock(context)
    }
    unsentCount += 1
    if sendingCheck == nil { checkSending(context) }
    let sent = promise ?? context.eventLoop.makePromise()
    let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    sent.futureResult.whenComplete { _ in
      let (handler, context) = box.value
      handler.hasSentPiece(context)
    }
    context.write(data, promise: sent)
    // The last answer before that request has just been written to its end.
    if owesConsent, requestCount == 1 { consent(context) }
  }

  private func hasSentPiece(_ context: ChannelHandlerContext) {
    unsentCount -= 1
    hasSent = true
    guard unsentCount == 0, closesWhenSent, context.channel.isActive else { return }
    closesWhenSent = false
    closeOutput(context, nil)
  }

  /// Closes the connection of a client that takes nothing of its answer for as long as the timeout, or
  /// takes too long in all.
  private func checkSending(_ context: ChannelHandlerContext) {
    hasSent = false
    let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    sendingCheck = context.eventLoop.scheduleTask(in: timeout) {
      let (handler, context) = box.value
      handler.sendingCheck = nil
      guard handler.unsentCount > 0 else { return }
      if handler.hasSent, context.eventLoop.now - handler.answerStart < Self.longestSending {
        handler.checkSending(context)
      } else {
        context.close(promise: nil)
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What else is wrong with a request that was refused.
    if lingering == nil { context.fireErrorCaught(error) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard lingering == nil, !closesWhenSent else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      isReadingBody = true
      requestCount += 1
      owesConsent = isWaitingForConsent(head)
      // Never into the answer to the request before it.
      if owesConsent, requestCount == 1 { consent(context) }
    case .body: break
    case .end: bodyHasEnded()
    }
    context.fireChannelRead(data)
  }

  /// A clock is only started for a request that did not come at once, and never while the one before
  /// it is computed: nothing is read then.
  func channelReadComplete(context: ChannelHandlerContext) {
    if lingering != nil {
      // Nobody behind this handler asks for more.
      context.read()
    } else {
      startBodyClock(context)
    }
    context.fireChannelReadComplete()
  }

  private func startBodyClock(_ context: ChannelHandlerContext) {
    guard isReadingBody, requestCount == 1, bodyDeadline == nil else { return }
    let channel = context.channel
    bodyDeadline = context.eventLoop.scheduleTask(in: timeout) {
      channel.close(promise: nil)
    }
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

  private func bodyHasEnded() {
    isReadingBody = false
    bodyDeadline?.cancel()
    bodyDeadline = nil
  }
}
#endif
