#if Server
import HTTPTypes

/// Checks whether a request has the server's key.
struct Authorization: Sendable {
  /// nil if no key is needed.
  private let expected: [UInt8]?

  init(apiKey: String?) { expected = apiKey.map { Array($0.utf8) } }

  private static let scheme = Array("bearer ".utf8)

  /// Compares in constant time, so that the time reveals nothing about the key except perhaps its
  /// length. The scheme is case-insensitive (RFC 9110).
  func allows(_ headers: HTTPFields) -> Bool {
    guard let expected else { return true }
    guard let header = headers[.authorization] else { return false }
    let bytes = Array(header.utf8)
    // The bit turns capitals into small letters and leaves the space unchanged.
    guard bytes.prefix(Self.scheme.count).elementsEqual(Self.scheme, by: { ($0 | 0x20) == $1 })
    else { return false }
    let given = bytes.dropFirst(Self.scheme.count).drop { $0 == UInt8(ascii: " ") }
    var difference = given.count ^ expected.count
    for (index, byte) in given.enumerated() {
      difference |= Int(byte ^ expected[index % expected.count])
    }
    return difference == 0
  }
}
#endif
