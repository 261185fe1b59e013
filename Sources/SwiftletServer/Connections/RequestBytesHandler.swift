#if Server
import NIOCore

/// The event for the first bytes of a request whose head is not complete.
struct RequestHeadBegan: Sendable {}

/// Watches bytes before they are parsed, for what the parser does not report: a head that does not
/// end, and the extensions and trailers around a body's chunks.
final class RequestBytesHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// Maximum number of consecutive bytes of a body that are not content. A chunk's size takes about
  /// ten; extensions and trailers are ignored.
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
