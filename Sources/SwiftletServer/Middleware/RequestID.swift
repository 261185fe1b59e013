#if Server
import HTTPTypes
import Synchronization

/// The id of a request: the client's `X-Request-Id`, or a new one. It is returned and logged.
enum RequestID {
  static let header = HTTPField.Name("x-request-id")
  /// Maximum length of a client's id.
  static let maxLength = 128

  /// Consecutive within the process, from a random start.
  private static let last = Atomic(UInt64.random(in: .min ... .max))

  /// The visible ASCII characters of the client's field that need no escape in a log; a new id if
  /// it has none.
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
