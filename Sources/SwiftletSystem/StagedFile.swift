import Glibc

/// A file that replaces another one atomically: written under a temporary name in the same folder, synced,
/// then renamed.
///
/// Processes that have the old file mapped keep the old contents. A symbolic link is replaced, not
/// followed. Without ``commit()`` the temporary file is deleted.
package final class StagedFile {
  /// For writes that need a descriptor; ``write(_:)`` may hold back bytes until the next one.
  package let descriptor: Int32
  package let temporaryPath: String
  private let path: String
  private var pending: [UInt8] = []
  private var isCommitted = false

  /// Small writes are gathered up to this many bytes.
  private static let pendingLimit = 1 << 16

  /// Without `permissions` the process's mask decides, as for any new file.
  package init(replacing path: String, permissions: UInt32? = nil) throws(FileError) {
    self.path = path
    (descriptor, temporaryPath) = try TemporarySibling.make(of: path) { name in
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      return descriptor < 0 ? nil : (descriptor, name)
    }
    if let permissions { fchmod(descriptor, permissions) }
  }

  deinit {
    if !isCommitted {
      close(descriptor)
      unlink(temporaryPath)
    }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if pending.count + bytes.count <= Self.pendingLimit {
      pending.append(contentsOf: bytes)
      return
    }
    try flush()
    try FileWriting.write(bytes, to: descriptor, path: path)
  }

  /// Renames the file, after its contents are on the disk.
  package func commit() throws(FileError) {
    try flush()
    guard fsync(descriptor) == 0 else { throw FileError("sync", path: path) }
    guard rename(temporaryPath, path) == 0 else { throw FileError("replace", path: path) }
    isCommitted = true
    close(descriptor)
    TemporarySibling.sync(folder: TemporarySibling.folder(of: path))
  }

  private func flush() throws(FileError) {
    try pending.withUnsafeBufferPointer { (bytes) throws(FileError) in
      try FileWriting.write(UnsafeRawBufferPointer(bytes), to: descriptor, path: path)
    }
    pending.removeAll(keepingCapacity: true)
  }
}
