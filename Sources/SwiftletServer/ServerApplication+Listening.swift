#if Server
import HummingbirdCore
import HummingbirdTLS
import NIOCore
import NIOSSL

/// How connections come in, and how many.
extension SwiftletServer {
  /// Files and sockets that are open beside connections, or will be; each event loop has three.
  private static let otherDescriptors = 64 + 4 * System.coreCount

  /// The connections that the process may have; those beyond wait to be accepted. Without descriptors
  /// nothing works, Swift's own threads least of all.
  static var mostConnections: Int? {
    ProcessMetrics.descriptorLimit.map { max(1, $0 - otherDescriptors) }
  }

  static func server(
    _ configuration: ServerConfiguration, _ connections: ClientConnections
  ) throws(ServerStartError) -> HTTPServerBuilder {
    let payloadLimit = configuration.payloadLimit
    let plain = HTTPServerBuilder { responder in
      LoopChannel(
        connection: HTTP1Channel(
          responder: responder,
          configuration: HTTP1Channel.Configuration(
            additionalChannelHandlers: [
              AbortHandler(),
              ConnectionHandler(
                connections: connections, timeout: clientTimeout, payloadLimit: payloadLimit),
            ], idleTimeout: idleTimeout)))
    }
    switch (configuration.tlsCertificatePath, configuration.tlsKeyPath) {
    case (nil, nil): return plain
    case (let certificate?, let key?):
      do {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate)
        var tls = TLSConfiguration.makeServerConfiguration(
          certificateChain: chain.map { .certificate($0) },
          privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        tls.minimumTLSVersion = .tlsv12
        return try .tls(plain, tlsConfiguration: tls)
      } catch {
        throw .tls(
          reason: "\(certificate) and \(key) are no certificate with its key: \(error)")
      }
    default:
      throw .tls(
        reason: "a TLS certificate needs its key, and the key its certificate; give both paths")
    }
  }
}
#endif
