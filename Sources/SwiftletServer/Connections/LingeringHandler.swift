#if Server
import NIOCore
import NIOHTTPTypes

/// After a connection's last response, reads and drops bytes until the client closes too, or for
/// some seconds. Closing with unread bytes resets the connection, and the client loses the
/// response.
final class LingeringHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// Time for a client to read its last response and to close.
  static let time = TimeAmount.seconds(5)
  /// Time for a client to read its last response when the server stops.
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
    // The handlers behind this one no longer read.
    if end != nil { context.read() }
    context.fireChannelReadComplete()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Further errors of a refused request.
    if end == nil { context.fireErrorCaught(error) }
  }
}
#endif
