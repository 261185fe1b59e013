#if Server
import NIOCore
import NIOHTTPTypes

/// Refuses a request with 408 if its head or body takes too long, even if bytes keep arriving.
///
/// No clock runs while an earlier request of the connection is computed, because nothing is read
/// then.
final class RequestClockHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// The part of a request that is being read.
  private enum Part {
    case head, body
  }

  /// Time for a body to arrive after the server begins to stop.
  static let timeWhenStopping = TimeAmount.seconds(2)

  /// Maximum time from the first bytes of a head to its end, and from there to the end of the body.
  private let timeout: TimeAmount
  private var part: Part?
  private var deadline: Scheduled<Void>?
  /// Requests whose heads were read and whose responses are not completely written.
  private var requestCount = 0
  private var isStopping = false

  init(timeout: TimeAmount) { self.timeout = timeout }

  func handlerRemoved(context: ChannelHandlerContext) { partHasEnded() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is RequestHeadBegan:
      if part == nil { part = .head }
      start(context)
    case is ChannelShouldQuiesceEvent:
      isStopping = true
      deadline?.cancel()
      deadline = nil
      start(context)
      context.fireUserInboundEventTriggered(event)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      partHasEnded()
      part = .body
      requestCount += 1
    case .body: break
    case .end: partHasEnded()
    }
    context.fireChannelRead(data)
  }

  /// Starts the clock here, so that a request that arrives at once needs none.
  func channelReadComplete(context: ChannelHandlerContext) {
    start(context)
    context.fireChannelReadComplete()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
    context.write(data, promise: promise)
    guard isEnd else { return }
    // A request that was refused for its head was not counted.
    requestCount = max(0, requestCount - 1)
    start(context)
  }

  private func start(_ context: ChannelHandlerContext) {
    guard let part, deadline == nil, requestCount <= (part == .body ? 1 : 0) else { return }
    let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: isStopping ? Self.timeWhenStopping : timeout) {
      let (handler, context) = box.value
      handler.refuse(part, context)
    }
  }

  private func refuse(_ part: Part, _ context: ChannelHandlerContext) {
    partHasEnded()
    let seconds = timeout.nanoseconds / 1_000_000_000
    switch part {
    case _ where isStopping: context.fireErrorCaught(ConnectionRefusal.stopping)
    case .head:
      context.fireErrorCaught(ConnectionRefusal.slow("head", seconds: seconds, .slowHead))
    case .body:
      context.fireErrorCaught(ConnectionRefusal.slow("body", seconds: seconds, .slowBody))
    }
  }

  private func partHasEnded() {
    part = nil
    deadline?.cancel()
    deadline = nil
  }
}
#endif
