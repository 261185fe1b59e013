import Glibc

/// A file that one process at a time writes under a name of its own, and renames when it is complete.
///
/// Unlike a ``StagedFile`` it stays when the process ends, even by SIGKILL, which also releases the lock.
package final class LockedFile {
  package let descriptor: Int32
  package let path: String

  /// Opens the file at `path`, or creates it, and locks it. Its contents stay.
  ///
  /// File systems without locks leave it unlocked.
  ///
  /// - Throws: `FileError` with the operation `lock` and the code `EWOULDBLOCK` if another process has
  ///   locked the file, with the code `FileError.notRegular` for a folder, a pipe or a device.
  package init(path: String) throws(FileError) {
    self.path = path
    // The process that had the lock may have renamed the file before it released it.
    for _ in 0..<16 {
      if let descriptor = try Self.openLocked(path) {
        self.descriptor = descriptor
        return
      }
    }
    throw FileError("lock", path: path, code: EWOULDBLOCK)
  }

  deinit { close(descriptor) }

  /// Nil if the path no longer has the file that was locked.
  private static func openLocked(_ path: String) throws(FileError) -> Int32? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path: path) }
    let identity = FileIdentity(of: descriptor)
    var failure: FileError?
    if identity?.isRegularFile != true {
      failure = FileError("write", path: path, code: FileError.notRegular)
    } else if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      failure = FileError("lock", path: path)
    }
    if failure == nil, FileIdentity(of: path) == identity { return descriptor }
    close(descriptor)
    if let failure { throw failure }
    return nil
  }

  /// The number of bytes in the file.
  package func size() throws(FileError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("inspect", path: path) }
    return Int(status.st_size)
  }

  /// Cuts the file after `size` bytes, where the next write begins.
  package func truncate(to size: Int) throws(FileError) {
    guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) >= 0
    else {
      throw FileError("write", path: path)
    }
  }

  /// Renames the file to `destination`, which it replaces, after its contents are on the disk.
  package func rename(to destination: String) throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("sync", path: path) }
    guard Glibc.rename(path, destination) == 0 else {
      throw FileError("replace", path: destination)
    }
    TemporarySibling.sync(folder: TemporarySibling.folder(of: destination))
  }
}
