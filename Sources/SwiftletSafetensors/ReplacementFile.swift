import Glibc
import SwiftletSystem

/// Replaces a file atomically: the contents are written to a temporary sibling, which is synced and
/// renamed.
///
/// Processes that have the old file mapped keep it. Released before ``commit()``, it deletes the
/// temporary file. A symbolic link is replaced, not followed.
final class ReplacementFile {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private var isCommitted = false

  /// The size of the buffer for small writes.
  private static let pendingLimit = 1 << 16

  init(replacing path: String) throws(FileError) {
    self.path = path
    (self.descriptor, self.temporaryPath) = try Self.openSibling(of: path)
  }

  deinit {
    if !isCommitted {
      close(descriptor)
      unlink(temporaryPath)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if pending.count + bytes.count <= Self.pendingLimit {
      pending.append(contentsOf: bytes)
      return
    }
    try flush()
    try FileWriting.write(bytes, to: descriptor, path: path)
  }

  /// Syncs the contents to disk, then renames the file.
  func commit() throws(FileError) {
    try flush()
    guard fsync(descriptor) == 0 else { throw FileError("sync", path: path) }
    guard rename(temporaryPath, path) == 0 else { throw FileError("replace", path: path) }
    isCommitted = true
    close(descriptor)
    Self.syncDirectory(of: path)
  }

  private func flush() throws(FileError) {
    try pending.withUnsafeBufferPointer { (bytes) throws(FileError) in
      try FileWriting.write(UnsafeRawBufferPointer(bytes), to: descriptor, path: path)
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Creates a file in the same directory, so that renaming it does not cross file systems.
  private static func openSibling(of path: String) throws(FileError) -> (Int32, String) {
    for _ in 0..<16 {
      let tag = String(UInt64.random(in: 0...UInt64.max), radix: 36)
      let candidate = directory(of: path) + ".safetensors-\(tag).tmp"
      let descriptor = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, candidate) }
      guard errno == EEXIST || errno == EINTR else { throw FileError("create", path: path) }
    }
    throw FileError("create", path: path, code: EEXIST)
  }

  /// Makes the rename durable. Errors are ignored: some file systems do not support it.
  private static func syncDirectory(of path: String) {
    let descriptor = open(directory(of: path) + ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Returns the path up to and including the last slash; empty for a bare file name.
  private static func directory(of path: String) -> String {
    let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) }
    return String(path[..<(name ?? path.startIndex)])
  }
}
