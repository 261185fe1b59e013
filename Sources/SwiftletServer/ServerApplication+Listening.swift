#if Server
import HummingbirdCore
import Logging
import NIOCore

/// How connections are accepted, and how many.
extension SwiftletServer {
  /// Descriptors reserved for files and sockets other than connections; each event loop has three.
  private static let otherDescriptors = 64 + 4 * System.coreCount

  /// The server warns if it can have fewer connections than this.
  private static let fewConnections = 256

  /// Maximum number of connections; further ones wait to be accepted. The reserved descriptors are
  /// for the process itself: even Swift's threads fail without any.
  static var maxConnections: Int? {
    ProcessMetrics.descriptorLimit.map { max(1, $0 - otherDescriptors) }
  }

  /// Builds the channels of connections, encrypted if there is a certificate.
  func server() throws(ServerStartError) -> HTTPServerBuilder {
    guard (configuration.tlsCertificatePath == nil) == (configuration.tlsKeyPath == nil) else {
      throw .tls(
        reason: "a TLS certificate needs its key, and the key its certificate; give both paths")
    }
    try certificates?.load()
    let shared = ConnectionHandlers.Shared(
      connections: connections, log: log, timeout: Self.clientTimeout,
      payloadLimit: configuration.payloadLimit)
    return HTTPServerBuilder { [certificates] responder in
      let plain = LoopChannel(
        connection: HTTP1Channel(
          responder: responder,
          configuration: HTTP1Channel.Configuration(
            additionalChannelHandlers: ConnectionHandlers.make(shared),
            idleTimeout: Self.idleTimeout)))
      return certificates.map { EncryptedChannel(certificates: $0, base: plain) } ?? plain
    }
  }

  /// Warns of limits that are too low.
  func warnOfLimits() {
    if let limit = ProcessMetrics.descriptorLimit, let most = Self.maxConnections,
      most < Self.fewConnections
    {
      logger.warning(
        """
        the limit of open files is \(limit), which leaves \(most) connections at the same time; \
        raise it (ulimit -n, LimitNOFILE of systemd) to \
        \(Self.fewConnections + Self.otherDescriptors) or more
        """)
    }
    let (inputs, places) = (configuration.maxClientBatchSize, configuration.maxConcurrentRequests)
    if inputs > places {
      logger.warning(
        """
        --max-client-batch-size is \(inputs), but requests of more than \(places) inputs can never \
        be accepted: --max-concurrent-requests is \(places)
        """)
    }
  }
}
#endif
