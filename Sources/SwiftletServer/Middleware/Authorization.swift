#if Server
import HTTPTypes

/// Whether a request brings the server's key.
struct Authorization: Sendable {
  /// nil if none is needed.
  private let expected: [UInt8]?

  init(apiKey: String?) { expected = apiKey.map { Array($0.utf8) } }

  private static let scheme = Array("bearer ".utf8)

  /// Takes as long for a wrong key as for the right one, so that its time tells nothing about the key
  /// except perhaps its length. The scheme may be in any case, as RFC 9110 has it.
  func allows(_ headers: HTTPFields) -> Bool {
    guard let expected else { return true }
    guard let header = headers[.authorization] else { return false }
    let bytes = Array(header.utf8)
    // Sets the bit that tells small letters from capitals, and leaves the space as it is.
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
