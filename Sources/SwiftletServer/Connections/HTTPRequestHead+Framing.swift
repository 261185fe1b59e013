#if Server
import NIOHTTP1

/// Finds requests that the parser accepts, but that two programs may read differently: where a
/// request ends, and its host (RFC 9112, sections 3.2 and 6).
extension HTTPRequestHead {
  /// The first fault; nil for an unambiguous request.
  var framingFault: ConnectionRefusal? { hostFault ?? lengthFault ?? transferFault }

  /// Whether this is HTTP/1.0; the parser accepts no other version below 1.1.
  var isOld: Bool { version == .http1_0 }

  private var hostFault: ConnectionRefusal? {
    let hosts = headers["host"]
    guard hosts.count <= 1 else {
      return .malformed("a request has one Host field; found \(hosts.count)")
    }
    guard let host = hosts.first else {
      return isOld
        ? nil : .malformed("a request of HTTP/1.1 needs a Host field; found none")
    }
    let isPlain = host.utf8.allSatisfy {
      $0 > 0x20 && $0 < 0x7F && !"/\\?#@,\"<>".utf8.contains($0)
    }
    return isPlain ? nil : .malformed("the Host field is not a host name with an optional port")
  }

  private var lengthFault: ConnectionRefusal? {
    let lengths = headers["content-length"]
    guard let length = lengths.first else { return nil }
    let isNumber = length.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard lengths.count == 1, isNumber, Int(length) != nil else {
      return .malformed("Content-Length must be one number of bytes, below 2^63")
    }
    return nil
  }

  private var transferFault: ConnectionRefusal? {
    let fields = headers["transfer-encoding"]
    guard !fields.isEmpty else { return nil }
    guard !isOld, !headers.contains(name: "content-length") else {
      return .malformed("Transfer-Encoding excludes Content-Length, and HTTP/1.0 does not have it")
    }
    let codings = headers[canonicalForm: "transfer-encoding"].map { $0.lowercased() }
    guard codings.last == "chunked" else {
      return .malformed("the last Transfer-Encoding of a request must be chunked")
    }
    guard codings.count == 1 else {
      return .unsupported("the only Transfer-Encoding of this server is chunked", status: 501)
    }
    return nil
  }

  /// Whether the bytes behind the request may belong to another protocol, as the parser assumes.
  var asksForUpgrade: Bool {
    method == .CONNECT
      || (headers.contains(name: "upgrade")
        && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" })
  }
}
#endif
