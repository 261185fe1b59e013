#if Hub
import Glibc
import SwiftletSystem

/// The lock under which one process at a time downloads a blob: `flock` on the file that
/// huggingface_hub's `filelock` locks too.
///
/// Released when the object is.
final class BlobLock {
  private let descriptor: Int32
  /// Whether the file system keeps other processes out. On some network file systems `flock` succeeds
  /// for every caller.
  let isExclusive: Bool

  private init(_ descriptor: Int32, isExclusive: Bool) {
    self.descriptor = descriptor
    self.isExclusive = isExclusive
  }

  deinit { close(descriptor) }

  /// Waits for the lock at `path`, without blocking a thread; calls `onWait` once if another process
  /// has it.
  ///
  /// - Throws: ``HubError/unwritable(path:reason:)``, ``HubError/cancelled``.
  static func acquire(
    _ path: String, onWait: () -> Void
  ) async throws(HubError) -> BlobLock {
    var hasWaited = false
    while true {
      let descriptor = try openFile(path)
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        // Another process may have deleted the file in between; a lock on it would be of no use.
        if isCurrent(descriptor, path) {
          return BlobLock(descriptor, isExclusive: refusesSecondLock(path))
        }
        close(descriptor)
        continue
      }
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR else {
        // The file system has no locks at all.
        return BlobLock(descriptor, isExclusive: false)
      }
      close(descriptor)
      if !hasWaited { onWait() }
      hasWaited = true
      do { try await Task.sleep(for: .milliseconds(100)) } catch { throw .cancelled }
    }
  }

  /// The file is never deleted: a process that waits for it would get a lock of its own.
  private static func openFile(_ path: String) throws(HubError) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
    guard descriptor >= 0 else {
      throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    // Other accounts that share the cache must be able to wait.
    fchmod(descriptor, 0o664)
    return descriptor
  }

  private static func isCurrent(_ descriptor: Int32, _ path: String) -> Bool {
    guard let own = FileIdentity(of: descriptor) else { return false }
    return own == FileIdentity(of: path)
  }

  /// Whether a second lock on the file fails while the first one lasts, as it must.
  private static func refusesSecondLock(_ path: String) -> Bool {
    let second = open(path, O_RDWR | O_CLOEXEC)
    guard second >= 0 else { return false }
    defer { close(second) }
    return flock(second, LOCK_EX | LOCK_NB) != 0
  }
}
#endif
