#if Server
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// The handlers of a connection, each with one job.
enum ConnectionHandlers {
  /// The values that all connections of a server share.
  struct Shared: Sendable {
    let connections: ClientConnections
    let log: RequestLog
    /// Maximum time for a head, for a body, and between two reads of a response.
    let timeout: TimeAmount
    let payloadLimit: Int
  }

  /// The handlers of requests and responses, from the socket inwards. The order matters: the
  /// refusal handler answers the errors of the clock in front of it, and `close` waits for the
  /// response before it lingers.
  static func make(_ shared: Shared) -> [any RemovableChannelHandler] {
    [
      AbortHandler(log: shared.log), LingeringHandler(),
      ClientHandler(connections: shared.connections),
      RequestClockHandler(timeout: shared.timeout), RefusalHandler(log: shared.log),
      ContinueHandler(payloadLimit: shared.payloadLimit),
      SendingHandler(connections: shared.connections, log: shared.log, timeout: shared.timeout),
    ]
  }

  /// Adds the handlers of bytes and heads around the parser.
  static func addFraming(to pipeline: ChannelPipeline.SynchronousOperations) throws {
    let framing = RequestFramingHandler()
    let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
    let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
    try pipeline.addHandler(framing, position: .before(codec))
    try pipeline.addHandler(RequestBytesHandler(framing: framing), position: .before(parser))
  }
}
#endif
