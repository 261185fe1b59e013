#if Hub
/// The path of a file in a repository, which is also its path in a snapshot.
///
/// The check covers the rules of POSIX and of Windows, as huggingface_hub's does: a cache may be copied
/// to a machine of the other kind.
package struct RepositoryFile: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// - Throws: ``HubError/invalidName(name:reason:)`` for an absolute path, a path with a drive, and one
  ///   that leaves its folder.
  package init(_ path: String) throws(HubError) {
    guard Self.isSafe(path) else {
      throw .invalidName(
        name: path,
        reason: "expected the path of a file within the repository, without \"..\", empty parts, "
          + "drives and a leading slash")
    }
    description = path
  }

  private static func isSafe(_ path: String) -> Bool {
    guard (1...4000).contains(path.utf8.count), !path.utf8.contains(0) else { return false }
    let parts = Array(path.utf8).split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      // Windows reads "\" as a separator, a leading one as a root, and "C:" as a drive.
      let pieces = part.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false)
      let isPlain = pieces.allSatisfy { piece in
        !piece.isEmpty && !piece.elementsEqual(".".utf8) && !piece.elementsEqual("..".utf8)
      }
      return isPlain && part.count <= 255 && part.dropFirst().first != UInt8(ascii: ":")
    }
  }

  /// The number of folders above the file.
  var depth: Int { description.utf8.count { $0 == UInt8(ascii: "/") } }
}
#endif
