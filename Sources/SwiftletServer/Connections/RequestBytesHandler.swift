#if Server
import NIOCore

/// The first bytes of a request have come, but not all of its head.
struct RequestHeadBegan: Sendable {}

/// Sees the bytes before they are parsed, for what the parser takes without a word: a head that does
/// not end, and the fields and extensions around the chunks of a body.
final class RequestBytesHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// Bytes of a body in a row that may be something else than its content. A chunk's size takes some
  /// ten; its extensions and trailers are ignored.
  static let maxOverhead = 16_384

  private let framing: RequestFramingHandler
  private var overhead = 0
  private var hasRefused = false

  init(framing: RequestFramingHandler) { self.framing = framing }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasRefused else { return }
    let (count, parts) = (unwrapInboundIn(data).readableBytes, framing.partCount)
    context.fireChannelRead(data)
    guard framing.partCount == parts else {
      overhead = 0
      return
    }
    switch framing.position {
    case .betweenRequests: context.fireUserInboundEventTriggered(RequestHeadBegan())
    case .inBody:
      overhead += count
      guard overhead > Self.maxOverhead, !framing.hasRefused else { return }
      hasRefused = true
      context.fireErrorCaught(
        ConnectionRefusal.malformed(
          "a chunk's extensions or a body's trailers are longer than \(Self.maxOverhead) bytes"))
    }
  }
}
#endif
