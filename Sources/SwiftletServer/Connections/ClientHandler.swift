#if Server
import NIOCore
import NIOHTTPTypes

/// Adds and removes a connection's client, and sets the buffer sizes of its socket.
final class ClientHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  private let connections: ClientConnections
  private var client: ClientConnection?

  /// Size of the read buffer in bytes. A channel keeps its buffer, so one that grew with the
  /// largest request would hold that memory until the connection closes.
  private static let receiveCapacity = 4096
  /// Unsent bytes that the system buffers for a connection. By default it buffers megabytes: a slow
  /// client's progress shows too rarely, and no budget counts the memory.
  private static let unsentCapacity = 131_072
  /// `TCP_NOTSENT_LOWAT` of linux/tcp.h, the same on all architectures.
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
