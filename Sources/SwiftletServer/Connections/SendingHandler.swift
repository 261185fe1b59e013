#if Server
import NIOCore
import NIOHTTPTypes

/// Delays `close` until the system has accepted the whole response, and closes the connection of a
/// client that reads nothing for too long.
final class SendingHandler: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// Maximum time to send a response, even to a client that keeps reading: the response holds
  /// memory.
  static let maxSendingTime = TimeAmount.minutes(10)

  private let connections: ClientConnections
  private let log: RequestLog
  /// Maximum time between two pieces that the client reads.
  private let timeout: TimeAmount
  /// Pieces of responses that the system has not accepted yet.
  private var unsentCount = 0
  /// When the system accepted the last piece, or when the first one was written.
  private var lastProgress = NIODeadline.distantPast
  /// When the response began.
  private var answerStart = NIODeadline.distantPast
  private var check: Scheduled<Void>?
  /// Whether to close the connection once the last response is sent.
  private var closesWhenSent = false

  init(connections: ClientConnections, log: RequestLog, timeout: TimeAmount) {
    self.connections = connections
    self.log = log
    self.timeout = timeout
  }

  func handlerRemoved(context: ChannelHandlerContext) { check?.cancel() }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .head = unwrapOutboundIn(data) {
      answerStart = context.eventLoop.now
      return context.write(data, promise: promise)
    }
    if unsentCount == 0 { lastProgress = context.eventLoop.now }
    unsentCount += 1
    if check == nil { scheduleCheck(context) }
    let sent = promise ?? context.eventLoop.makePromise()
    let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    sent.futureResult.whenComplete { _ in
      let (handler, context) = box.value
      handler.hasSentPiece(context)
    }
    context.write(data, promise: sent)
  }

  private func hasSentPiece(_ context: ChannelHandlerContext) {
    unsentCount -= 1
    lastProgress = context.eventLoop.now
    guard unsentCount == 0, closesWhenSent, context.channel.isActive else { return }
    closesWhenSent = false
    context.close(mode: .output, promise: nil)
  }

  /// Delays the close until the response is sent; the handlers behind this one only know that it is
  /// written.
  func close(
    context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
  ) {
    if unsentCount > 0, mode != .input, context.channel.isActive, !connections.areEnding {
      closesWhenSent = true
      context.channel.closeFuture.cascade(to: promise)
    } else {
      context.close(mode: mode, promise: promise)
    }
  }

  private var deadline: NIODeadline {
    min(lastProgress + timeout, answerStart + Self.maxSendingTime)
  }

  private func scheduleCheck(_ context: ChannelHandlerContext) {
    let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    check = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = box.value
      handler.checkProgress(context)
    }
  }

  private func checkProgress(_ context: ChannelHandlerContext) {
    check = nil
    guard unsentCount > 0 else { return }
    guard context.eventLoop.now >= deadline else { return scheduleCheck(context) }
    log.cutOff(.slowReader, context.channel)
    context.close(promise: nil)
  }
}
#endif
