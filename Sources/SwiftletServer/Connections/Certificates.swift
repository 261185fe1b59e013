#if Server
import Logging
import NIOSSL
import SwiftletSystem
import Synchronization

/// The certificate of new connections, as last read from its files.
///
/// If the files are not valid, the previous certificate stays. Open connections keep theirs.
final class Certificates: Sendable {
  private struct State {
    var context: NIOSSLContext?
    var stamps: [FileStamp?] = []
  }

  private let chainPath: String
  private let keyPath: String
  private let state = Mutex(State())

  init(chainPath: String, keyPath: String) {
    self.chainPath = chainPath
    self.keyPath = keyPath
  }

  /// The TLS context of new connections; nil before ``load()``.
  var context: NIOSSLContext? { state.withLock { $0.context } }

  /// Reads the files.
  ///
  /// - Returns: When the certificate expires, in UTC.
  /// - Throws: ``ServerStartError/tls(reason:)``.
  @discardableResult
  func load() throws(ServerStartError) -> String {
    // Taken before reading, so that a file that changes meanwhile is read again.
    let stamps = [chainPath, keyPath].map { FileStamp(of: $0) }
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(chainPath)
      var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: keyPath, format: .pem)))
      tls.minimumTLSVersion = .tlsv12
      let context = try NIOSSLContext(configuration: tls)
      // Set together, so that the stamps match the context if two loads run at the same time.
      state.withLock { $0 = State(context: context, stamps: stamps) }
      return chain.first.map { LogTime.text(seconds: Int($0.notValidAfter), nanoseconds: 0) } ?? "-"
    } catch {
      // Invalid files are read again only after they change.
      state.withLock { $0.stamps = stamps }
      throw .tls(
        reason: "\(chainPath) and \(keyPath) are not a certificate and its key: \(error)")
    }
  }

  /// Reads the files again; keeps the previous certificate if they are not valid.
  func reload(_ logger: Logger) {
    do throws(ServerStartError) {
      let expiry = try load()
      logger.info(
        "certificate reloaded; new connections use it",
        metadata: ["file": "\(chainPath)", "expires": "\(expiry)"])
    } catch {
      logger.error("certificate not reloaded; the previous one is kept: \(error)")
    }
  }

  /// Reads the files again if either was replaced or changed since the last time.
  func reloadIfChanged(_ logger: Logger) {
    let stamps = [chainPath, keyPath].map { FileStamp(of: $0) }
    guard stamps != state.withLock({ $0.stamps }) else { return }
    reload(logger)
  }
}
#endif
