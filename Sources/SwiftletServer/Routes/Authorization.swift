#if Server
import HTTPTypes

/// Whether a request brings the server's key.
struct Authorization: Sendable {
  /// nil: nobody needs one.
  private let expected: [UInt8]?

  init(apiKey: String?) { expected = apiKey.map { Array("Bearer \($0)".utf8) } }

  /// Takes as long for a wrong key as for the right one, so that its time tells nothing about the key
  /// but perhaps its length.
  func allows(_ headers: HTTPFields) -> Bool {
    guard let expected else { return true }
    guard let header = headers[.authorization] else { return false }
    let given = Array(header.utf8)
    var difference = given.count ^ expected.count
    for (index, byte) in given.enumerated() {
      difference |= Int(byte ^ expected[index % expected.count])
    }
    return difference == 0
  }
}
#endif
