#if Hub
/// A revision of a model: a branch, a tag, a reference such as `refs/pr/1`, or a commit.
package struct Revision: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package static let main = Revision(known: "main")

  private init(known text: String) { description = text }

  /// Checks that the text can be a part of a path in the cache: a revision is a file in `refs`.
  package init(_ text: String) throws(HubError) {
    guard !text.isEmpty, text.utf8.count <= 255 else {
      throw .invalidName(name: text, reason: "a revision must have 1 to 255 bytes")
    }
    let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard isPlain, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      throw .invalidName(
        name: text,
        reason:
          "a revision is a branch, a tag or a commit; it must not contain white space, \"\\\", "
          + "empty parts, \".\" or \"..\"")
    }
    description = text
  }

  /// The commit that the revision is; nil for a branch or a tag.
  var commit: Commit? { Commit(description) }
}

/// The SHA-1 of a commit, as 40 hexadecimal digits.
package struct Commit: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init?(_ text: String) {
    guard text.isHexadecimal(count: 40) else { return nil }
    description = text
  }
}
#endif
