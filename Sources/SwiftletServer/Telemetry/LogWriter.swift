#if Server
import Glibc
import SwiftletSystem
import Synchronization

/// Writes lines to a file descriptor on a separate thread, so that no caller waits for the reader. The thread
/// runs while there are lines.
///
/// The buffer is bounded. A line without room is dropped and counted, and the count is written as a
/// line once the descriptor accepts bytes again.
final class LogWriter: Sendable {
  /// The process's standard error.
  static let standardError = LogWriter(descriptor: STDERR_FILENO)
  /// Maximum number of waiting bytes; as many again may be in the hands of the thread.
  static let defaultCapacity = 262_144

  private struct State {
    var waiting: [UInt8] = []
    /// Whether the thread writes, or is about to.
    var isWriting = false
    var unreported = 0
    var dropped = 0
    var report: (@Sendable (Int) -> [UInt8])?
  }

  private let descriptor: Int32
  private let capacity: Int
  private let state = Mutex(State())

  init(descriptor: Int32, capacity: Int = LogWriter.defaultCapacity) {
    self.descriptor = descriptor
    self.capacity = capacity
  }

  /// Number of dropped lines.
  var dropped: Int { state.withLock { $0.dropped } }

  /// Sets the line that reports dropped lines; without it, they are only counted.
  func reportDrops(as report: @escaping @Sendable (Int) -> [UInt8]) {
    state.withLock { $0.report = report }
  }

  /// Queues a whole line, with its line feed. Does not block.
  func write(_ line: [UInt8]) {
    let mustStart = state.withLock { state in
      guard line.count <= capacity - state.waiting.count else {
        state.unreported += 1
        state.dropped += 1
        return false
      }
      state.waiting += line
      defer { state.isWriting = true }
      return !state.isWriting
    }
    // At the thread limit the line waits, and the next one tries again.
    if mustStart, startThread({ [self] in drain() }) != 0 {
      state.withLock { $0.isWriting = false }
    }
  }

  /// Waits until all lines are written, up to a limit.
  func flush(within limit: Duration) {
    let deadline = ContinuousClock.now + limit
    while state.withLock({ $0.isWriting }), ContinuousClock.now < deadline { usleep(1000) }
  }

  // MARK: On the thread

  private func drain() {
    while let bytes = next() { send(bytes) }
  }

  /// The waiting lines, followed by the report of dropped lines.
  private func next() -> [UInt8]? {
    state.withLock { state in
      guard !state.waiting.isEmpty || (state.unreported > 0 && state.report != nil) else {
        state.isWriting = false
        return nil
      }
      var bytes = state.waiting
      state.waiting = []
      if state.unreported > 0, let report = state.report {
        bytes += report(state.unreported)
        state.unreported = 0
      }
      return bytes
    }
  }

  private func send(_ bytes: [UInt8]) {
    let written = bytes.withUnsafeBytes { FileWriting.write($0, to: descriptor) }
    // The reader is gone or the disk is full; later lines may succeed.
    let lost = bytes[written...].count { $0 == UInt8(ascii: "\n") }
    if lost > 0 { state.withLock { $0.dropped += lost } }
  }
}
#endif
