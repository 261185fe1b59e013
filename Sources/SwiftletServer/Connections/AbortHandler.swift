#if Server
import NIOCore

/// Closes a connection at once, even if a response is not completely sent. The handlers behind this
/// one delay `close` until it is.
final class AbortHandler: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = Any

  /// The event that closes the channel.
  struct Abort: Sendable {}

  private let log: RequestLog

  init(log: RequestLog) { self.log = log }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard event is Abort else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    log.cutOff(.slowReader, context.channel)
    context.close(promise: promise)
  }
}
#endif
