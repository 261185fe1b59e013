#if Hub
import Glibc
import SwiftletSystem

extension HubCache {
  /// Gives a blob its name in a snapshot, as a relative link.
  ///
  /// Where links are not supported, a blob that is new moves to the snapshot, and another one is copied:
  /// other snapshots may have it too.
  func link(
    _ file: RepositoryFile, of commit: Commit, to tag: EntityTag, isNew: Bool
  ) throws(HubError) {
    let path = self.file(file, of: commit)
    try makeFolder(of: path)
    if usesLinks {
      let target = String(repeating: "../", count: file.depth + 2) + "blobs/\(tag)"
      if try makeLink(path, to: target) { return }
    }
    if isNew {
      guard rename(blob(tag), path) == 0 else { throw unwritable(path) }
    } else {
      try copy(blob(tag), to: path)
    }
  }

  /// Returns false where links are not supported.
  private func makeLink(_ path: String, to target: String) throws(HubError) -> Bool {
    // A link whose blob is missing, or one to another blob, is replaced.
    unlink(path)
    if symlink(target, path) == 0 { return true }
    switch errno {
    case EEXIST where Self.target(of: path) == target: return true  // Another process was faster.
    case EPERM, ENOSYS, EOPNOTSUPP: return false
    default: throw unwritable(path)
    }
  }

  private static func target(of link: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(link, &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func copy(_ source: String, to path: String) throws(HubError) {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw unwritable(source) }
    defer { close(input) }
    do throws(FileError) {
      let output = try StagedFile(replacing: path)
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      while true {
        let count = read(input, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw FileError("read", path: source) }
        if count == 0 { break }
        try buffer.withUnsafeBufferPointer { (bytes) throws(FileError) in
          try output.write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<count])))
        }
      }
      try output.commit()
    } catch {
      throw .unwritable(path: error.path, reason: error.reason)
    }
  }

  private func unwritable(_ path: String) -> HubError {
    .unwritable(path: path, reason: String(cString: strerror(errno)))
  }
}
#endif
