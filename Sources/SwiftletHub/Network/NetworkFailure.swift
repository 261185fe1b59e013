#if Hub
import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A connection that failed, in words of the user.
struct NetworkFailure {
  private let error: any Error

  init(_ error: any Error) { self.error = error }

  func problem(at url: HubURL, _ settings: HubSettings) -> HubError {
    if error is CancellationError || error as? HTTPClientError == .cancelled { return .cancelled }
    return .unreachable(address: url.page, reason: reason(url, settings))
  }

  private func reason(_ url: HubURL, _ settings: HubSettings) -> String {
    switch error {
    case let error as HTTPClientError: clientReason(error, settings)
    case let error as NIOConnectionError:
      error.connectionErrors.isEmpty
        ? "the name \(error.host) is not known" : "no host accepts the connection"
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as ChannelError:
      if case .connectTimeout = error { "no connection in time" } else { "\(error)" }
    case is HTTPParserError: "the connection was closed, or the answer is not HTTP"
    case let error as NIOSSLError: "TLS failed: \(error)"
    default: "\(error)"
    }
  }

  private func clientReason(_ error: HTTPClientError, _ settings: HubSettings) -> String {
    switch error {
    case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
      "no connection in time"
    case .deadlineExceeded: "no answer within \(settings.metadataTimeout) s (HF_HUB_ETAG_TIMEOUT)"
    case .readTimeout: "no data for \(settings.downloadTimeout) s (HF_HUB_DOWNLOAD_TIMEOUT)"
    case .remoteConnectionClosed: "the connection was closed"
    default: "\(error)"
    }
  }
}
#endif
