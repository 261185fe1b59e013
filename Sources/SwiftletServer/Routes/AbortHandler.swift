#if Server
import NIOCore

/// Closes a connection at once, whatever is still to be sent: handlers behind this one have a close wait
/// until the answer is.
final class AbortHandler: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = Any

  /// What is triggered on a channel to have it closed.
  struct Abort: Sendable {}

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard event is Abort else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    context.close(promise: promise)
  }
}
#endif
