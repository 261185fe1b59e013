#if Server
import Glibc
import NIOCore
import NIOSSL
public import Swiftlet

/// Why a server does not start.
public enum ServerStartError: Error, Sendable, CustomStringConvertible {
  /// The model's files, or a setting that contradicts them.
  case model(SwiftletError)
  /// The server can't listen on the address: it is taken, forbidden, or not an address of this
  /// machine.
  case address(reason: String)
  /// The certificate or its key can't be used.
  case tls(reason: String)
  /// Any other error, with its own text.
  case other(reason: String)

  /// The start error for an error that ``SwiftletServer/run()`` threw.
  public init(_ error: any Error, configuration: ServerConfiguration) {
    let address = "\(configuration.hostname):\(configuration.port)"
    switch error {
    case let error as ServerStartError: self = error
    case let error as SwiftletError: self = .model(error)
    case let error as IOError where error.errnoCode == EADDRINUSE:
      self = .address(
        reason: "\(address) is taken by another program; choose another with --port")
    case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
      self = .address(
        reason: "this user may not listen on \(address); choose a --port from 1024 on")
    case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
      self = .address(
        reason:
          "this machine does not have the address \(configuration.hostname); change --hostname"
      )
    case is SocketAddressError, is SocketAddressError.UnknownHost:
      self = .address(reason: "cannot resolve host \"\(configuration.hostname)\"; check --hostname")
    case let error as NIOSSLError:
      self = .tls(
        reason: "the certificate or its key can't be used, see --tls-certificate and --tls-key: "
          + "\(error)")
    default: self = .other(reason: "\(error)")
    }
  }

  /// The problem, and its remedy.
  public var description: String {
    switch self {
    case .model(let error): error.description
    case .address(let reason), .tls(let reason), .other(let reason): reason
    }
  }
}
#endif
