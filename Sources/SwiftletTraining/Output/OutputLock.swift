import Glibc
import SwiftletSystem

/// Keeps other trainings out of an output: a lock on a file in its checkpoint folder. The kernel releases it
/// when the process ends, however it ends.
struct OutputLock {
  private let descriptor: Int32
  private let output: String
  private let folder: CheckpointFolder
  private let madeOutput: Bool
  /// A lock that another process is about to delete is tried again.
  private static let attempts = 5

  /// Runs `body` while no other training can write to the output; nil is a training in memory.
  ///
  /// - Throws: ``TrainingError/unwritable(reason:)`` if another training has the output; what `body` throws.
  static func hold<Result>(_ output: String?, _ body: () throws -> Result) throws -> Result {
    guard let output else { return try body() }
    let lock = try OutputLock(output)
    defer { lock.release() }
    return try body()
  }

  /// Throws if a training writes to the output at the moment. Creates nothing.
  static func check(_ output: String) throws(TrainingError) {
    let descriptor = open(CheckpointFolder(output: output).lockPath, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard lock(descriptor) else { throw busy(output) }
  }

  private init(_ output: String) throws(TrainingError) {
    let folder = CheckpointFolder(output: output)
    var madeOutput = false
    for attempt in 1...Self.attempts {
      if attempt > 1 { usleep(20_000) }
      madeOutput = try folder.make() || madeOutput
      let descriptor = open(folder.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        // The training that had the lock has just deleted its folder.
        if errno == ENOENT { continue }
        throw TrainingError(writing: FileError("create", path: folder.lockPath))
      }
      if Self.lock(descriptor), Self.isFile(descriptor, at: folder.lockPath) {
        (self.descriptor, self.output, self.folder) = (descriptor, output, folder)
        self.madeOutput = madeOutput
        return
      }
      close(descriptor)
    }
    throw Self.busy(output)
  }

  /// Deletes the file, and the folders that hold nothing else, then unlocks.
  private func release() {
    if Self.isFile(descriptor, at: folder.lockPath) {
      unlink(folder.lockPath)
      rmdir(folder.path)
      if madeOutput { rmdir(output) }
    }
    close(descriptor)
  }

  /// Locks a file without waiting; true as well on a file system without locks.
  private static func lock(_ descriptor: Int32) -> Bool {
    flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
  }

  /// Whether the path names the open file.
  private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (open, named) = (stat(), stat())
    return fstat(descriptor, &open) == 0 && stat(path, &named) == 0
      && open.st_ino == named.st_ino && open.st_dev == named.st_dev
  }

  private static func busy(_ output: String) -> TrainingError {
    .unwritable(
      reason: "another training writes to \(output); wait for its end, or name another folder with "
        + "--output")
  }
}
