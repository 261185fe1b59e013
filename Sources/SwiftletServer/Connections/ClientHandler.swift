#if Server
import NIOCore
import NIOHTTPTypes

/// Counts a connection's client in and out, and sets how its socket buffers.
final class ClientHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  private let connections: ClientConnections
  private var client: ClientConnection?

  /// Bytes that are read at once. A channel keeps its buffer; one that grew with the largest request
  /// would make memory grow for as long as the connections live.
  private static let receiveCapacity = 4096
  /// Bytes that the system takes before it has sent those that it has. With as many as it likes,
  /// megabytes, it says too seldom that a slow client has taken some, and they count nowhere.
  private static let unsentCapacity = 131_072
  /// TCP_NOTSENT_LOWAT in linux/tcp.h, on every processor.
  private static let unsentLowWater: CInt = 25

  init(connections: ClientConnections) { self.connections = connections }

  func handlerAdded(context: ChannelHandlerContext) {
    client = connections.add(context.channel)
    // Every socket has these options; other channels may lack them.
    try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    try? context.channel.syncOptions?.setOption(
      ChannelOptions.Types.SocketOption(
        level: .tcp, name: NIOBSDSocket.Option(rawValue: Self.unsentLowWater)),
      value: Self.unsentCapacity)
    try? context.channel.syncOptions?.setOption(
      .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.receiveCapacity))
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    connections.remove(context.channel)
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
}
#endif
