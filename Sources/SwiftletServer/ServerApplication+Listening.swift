#if Server
import HummingbirdCore
import Logging
import NIOCore

/// How connections come in, and how many.
extension SwiftletServer {
  /// Files and sockets that are open beside connections, or will be; each event loop has three.
  private static let otherDescriptors = 64 + 4 * System.coreCount

  /// Connections of which fewer are worth a warning.
  private static let fewConnections = 256

  /// The connections that the process may have; those beyond wait to be accepted. Without descriptors
  /// nothing works, Swift's own threads least of all.
  static var maxConnections: Int? {
    ProcessMetrics.descriptorLimit.map { max(1, $0 - otherDescriptors) }
  }

  /// What makes the connections, encrypted if there is a certificate.
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

  /// Says what the system and the settings leave too little of.
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
        be taken: --max-concurrent-requests is \(places)
        """)
    }
  }
}
#endif
