#if Server
import Foundation
import Glibc
import Testing

/// A TCP connection to this machine on which a test writes what it likes.
///
/// Sending and receiving block threads of their own: two of them on Swift's threads, of which a small
/// machine has two, would keep the server in the same process from reading.
final class RawConnection: Sendable {
  struct Failure: Error {
    let code: Int32
  }

  /// How many seconds of silence are a failure. Tests share the processors, so it is long, but shorter
  /// than the server's idle timeout: a connection that only this timeout closes is a failure too.
  private static let patience = 60

  private let socket: Int32

  init(port: Int) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else {
      let failure = Failure(code: errno)
      Glibc.close(socket)
      throw failure
    }
    var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Sends bytes, as many as the other side takes; it may have closed.
  @discardableResult
  func send(_ text: String) async -> Bool {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [socket] in
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
          let count = bytes.withUnsafeBytes {
            Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
          }
          guard count > 0 else { break }
          bytes = bytes.dropFirst(count)
        }
        continuation.resume(returning: bytes.isEmpty)
      }
    }
  }

  func post(_ path: String, _ json: String, headers: String = "") async {
    await send(
      "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\(headers)"
        + "Content-Length: \(json.utf8.count)\r\n\r\n\(json)")
  }

  /// Receives until `isComplete` or until the other side closes. A long silence is an issue of the test.
  func receive(until isComplete: @escaping @Sendable (String) -> Bool) async -> String {
    let (text, isSilent) = await withCheckedContinuation { continuation in
      Thread.detachNewThread { [socket] in
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var count = 1
        while count > 0, !isComplete(String(decoding: received, as: UTF8.self)) {
          count = recv(socket, &buffer, buffer.count, 0)
          received += buffer[..<max(count, 0)]
        }
        let isSilent = count < 0 && errno == EAGAIN
        continuation.resume(returning: (String(decoding: received, as: UTF8.self), isSilent))
      }
    }
    if isSilent { Issue.record("the server was silent for \(Self.patience) seconds") }
    return text
  }

  /// One response whose length is announced.
  func response() async -> String {
    await receive { Self.firstLength($0) != nil }
  }

  /// The responses that come until the other side closes. Each announces its length; a remainder that
  /// is not a whole response is the last element.
  func responses() async -> [String] {
    var remainder = await receive { _ in false }
    var responses: [String] = []
    while !remainder.isEmpty {
      let length = Self.firstLength(remainder) ?? remainder.utf8.count
      responses.append(String(decoding: remainder.utf8.prefix(length), as: UTF8.self))
      remainder = String(decoding: remainder.utf8.dropFirst(length), as: UTF8.self)
    }
    return responses
  }

  /// The bytes of the first response, with its head; nil if it is not whole.
  private static func firstLength(_ text: String) -> Int? {
    guard let head = text.range(of: "\r\n\r\n"),
      let field = text[..<head.upperBound].range(of: "content-length: ", options: .caseInsensitive)
    else { return nil }
    let body = Int(text[field.upperBound...].prefix { $0.isNumber }) ?? 0
    let length = text[..<head.upperBound].utf8.count + body
    return text.utf8.count >= length ? length : nil
  }

  /// How many bytes come, up to so many, until the other side closes or is silent for long.
  func count(atMost most: Int) async -> Int {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [socket] in
        var buffer = [UInt8](repeating: 0, count: 65536)
        var total = 0
        while total < most {
          let count = recv(socket, &buffer, buffer.count, 0)
          guard count > 0 else { break }
          total += count
        }
        continuation.resume(returning: total)
      }
    }
  }

  func close() { Glibc.close(socket) }
}
#endif
