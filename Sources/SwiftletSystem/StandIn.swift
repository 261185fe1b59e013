import Glibc

/// Text of another program in place of a file that was not downloaded, recognised so that it is not
/// read as settings, a vocabulary or weights.
package enum StandIn: Int32, CaseIterable, Sendable {
  /// The pointer file that Git checks out in place of a large file: its hash and its size.
  case gitLFSPointer = -2
  /// A web page, as a browser or curl saves it.
  case webPage = -3
  /// A server's error response, saved as the file.
  case refusal = -4

  /// Recognises a stand-in by its first bytes; nil for everything else.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    guard let start = bytes.prefix(64).firstIndex(where: { !isSpace($0) }) else { return nil }
    let text = UnsafeRawBufferPointer(rebasing: bytes[start...])
    let found = Self.beginnings.first { text.starts(with: $0.text, ignoringCase: $0.ignoresCase) }
    guard let found, bytes.count <= found.maxBytes else { return nil }
    self = found.kind
  }

  /// What was found, and how to get the file.
  package var reason: String {
    switch self {
    case .gitLFSPointer:
      "it is a Git LFS pointer, not the file itself; run \"git lfs pull\" in its folder, or "
        + "download the model with \"hf download\""
    case .webPage:
      "it is a web page, not the file itself; download the model with \"hf download\""
    case .refusal:
      "it is a server's error response, not the file itself; download the model with "
        + "\"hf download\""
    }
  }

  private struct Beginning {
    let kind: StandIn
    let text: String
    var ignoresCase = false
    /// A longer file with this beginning is not a stand-in.
    var maxBytes = Int.max
  }

  /// The specification of pointers limits them to 1024 bytes.
  private static let beginnings = [
    Beginning(kind: .gitLFSPointer, text: "version https://git-lfs.github.com/", maxBytes: 1024),
    Beginning(kind: .webPage, text: "<!doctype html", ignoresCase: true),
    Beginning(kind: .webPage, text: "<html", ignoresCase: true),
    Beginning(kind: .refusal, text: "<?xml", maxBytes: 4096),
    Beginning(kind: .refusal, text: "Entry not found", maxBytes: 64),
    Beginning(kind: .refusal, text: "Repository not found", maxBytes: 64),
    Beginning(kind: .refusal, text: "Invalid username or password", maxBytes: 64),
    Beginning(kind: .refusal, text: "Access to model ", maxBytes: 4096),
  ]
}

extension UnsafeRawBufferPointer {
  fileprivate func starts(with text: String, ignoringCase: Bool) -> Bool {
    let count = text.utf8.count
    guard self.count >= count, let start = baseAddress else { return false }
    return ignoringCase
      ? strncasecmp(start.assumingMemoryBound(to: CChar.self), text, count) == 0
      : memcmp(start, text, count) == 0
  }
}
