#if Server
import HTTPTypes
import Synchronization

/// The name of a request: the client's in `X-Request-Id`, or one of the server's. It is returned and
/// logged.
enum RequestID {
  static let header = HTTPField.Name("x-request-id")
  /// Characters of a client's that are kept.
  static let maxLength = 128

  /// Names of this process follow each other; those of another begin elsewhere.
  private static let last = Atomic(UInt64.random(in: .min ... .max))

  /// The visible ASCII characters of the client's field that need no escape in a log; without any, the
  /// next name of the server's.
  static func of(_ fields: HTTPFields) -> String {
    if let header, let text = fields[header] {
      let id = text.utf8.lazy.filter { (0x21...0x7E).contains($0) && !"\"\\<>".utf8.contains($0) }
      let bounded = String(decoding: id.prefix(maxLength), as: UTF8.self)
      if !bounded.isEmpty { return bounded }
    }
    return String(last.wrappingAdd(1, ordering: .relaxed).newValue, radix: 16)
  }
}
#endif
