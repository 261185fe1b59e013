#if Server
import NIOCore

/// Closes a connection at once, whatever is still to be sent: handlers behind this one have a close wait
/// until the answer is.
final class AbortHandler: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = Any

  /// What is triggered on a channel to have it closed.
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
