import Glibc
import SwiftletSystem

/// A file that takes its name whole or not at all: written beside it, synced, then renamed over it.
///
/// Whoever has the old file mapped keeps the old one. Dropped before ``commit()``, it leaves
/// nothing behind. A symbolic link is replaced, not followed.
final class ReplacementFile {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private var isCommitted = false

  /// Small writes are gathered up to this many bytes.
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

  /// Puts the file in its place.
  ///
  /// The name changes only after the contents are on the disk.
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

  /// A new file in the same directory, so that renaming it doesn't cross file systems; with the
  /// permissions that the process gives any new file.
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

  /// Makes the new name itself durable; some file systems can't, and the file is whole regardless.
  private static func syncDirectory(of path: String) {
    let descriptor = open(directory(of: path) + ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Everything up to the last slash; empty for a name in the current directory.
  private static func directory(of path: String) -> String {
    let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) }
    return String(path[..<(name ?? path.startIndex)])
  }
}
