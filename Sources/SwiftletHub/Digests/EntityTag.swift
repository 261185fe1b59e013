#if Hub
import SwiftletSystem

/// The ETag of a file on the Hub, which names its blob in the cache and is a hash of its bytes.
struct EntityTag: Hashable, Sendable, CustomStringConvertible {
  /// Without `W/` and quotes.
  let description: String

  /// Reads a header field; nil if the tag can't be the name of a file.
  init?(_ field: String) {
    var text = field.trimmingWhiteSpace[...]
    if text.hasPrefix("W/") { text = text.dropFirst(2) }
    while text.first == "\"" { text.removeFirst() }
    while text.last == "\"" { text.removeLast() }
    let isName = text.utf8.allSatisfy(\.isNameByte) && text.first != "."
    guard (1...128).contains(text.utf8.count), isName else { return nil }
    description = String(text)
  }

  /// What the tag is a hash of.
  enum Kind {
    /// SHA-1 of Git's header and the bytes.
    case gitBlob
    /// SHA-256 of the bytes.
    case largeFile
    /// Another server's own tag.
    case unknown
  }

  var kind: Kind {
    if description.isHexadecimal(count: 64) { return .largeFile }
    return description.isHexadecimal(count: 40) ? .gitBlob : .unknown
  }
}

/// The hash of a file that is being received, as its ``EntityTag`` has it.
enum FileDigest {
  case gitBlob(MessageDigest<SHA1>)
  case largeFile(MessageDigest<SHA256>)
  case none

  /// Nil for a file of Git whose size is unknown: its hash begins with the size.
  init?(_ kind: EntityTag.Kind, size: Int?) {
    switch kind {
    case .gitBlob:
      guard let size else { return nil }
      var digest = MessageDigest<SHA1>()
      digest.update("blob \(size)\0")
      self = .gitBlob(digest)
    case .largeFile: self = .largeFile(MessageDigest())
    case .unknown: self = .none
    }
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .gitBlob(var digest):
      self = .none  // So that the digest's storage is changed in place.
      digest.update(bytes)
      self = .gitBlob(digest)
    case .largeFile(var digest):
      self = .none
      digest.update(bytes)
      self = .largeFile(digest)
    case .none: break
    }
  }

  /// The hash in hexadecimal digits; nil without one.
  func finish() -> String? {
    switch self {
    case .gitBlob(var digest): digest.finish()
    case .largeFile(var digest): digest.finish()
    case .none: nil
    }
  }
}
#endif
