#if Server
import NIOCore
import NIOHTTPTypes

/// After a connection's last answer: reads and drops what the client still sends, until it closes too or
/// for some seconds. Closed at once, with bytes of it unread, the connection would be reset and the
/// answer lost.
final class LingeringHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// How long a client has to read its last answer and to close.
  static let time = TimeAmount.seconds(5)
  /// The same time when the server stops.
  static let timeWhenStopping = TimeAmount.seconds(1)

  private var end: Scheduled<Void>?
  private var isStopping = false

  func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }

  func close(
    context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
  ) {
    context.close(mode: mode, promise: promise)
    guard mode == .output else { return }
    if end == nil { linger(context) }
    context.read()
  }

  private func linger(_ context: ChannelHandlerContext) {
    let channel = context.channel
    end = context.eventLoop.scheduleTask(in: isStopping ? Self.timeWhenStopping : Self.time) {
      channel.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      isStopping = true
      if let end {
        end.cancel()
        linger(context)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if end == nil { context.fireChannelRead(data) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    // The handlers behind this one ask for no more.
    if end != nil { context.read() }
    context.fireChannelReadComplete()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What else is wrong with a request that was refused.
    if end == nil { context.fireErrorCaught(error) }
  }
}
#endif
