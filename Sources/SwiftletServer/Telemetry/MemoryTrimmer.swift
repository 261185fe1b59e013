#if Server
import Glibc
import SwiftletSystem
import Synchronization

/// Gives memory back to the system that a burst of requests has left in the allocator, which keeps it
/// for the next one otherwise, for ever.
final class MemoryTrimmer: Sendable {
  /// Bytes of growth since the last time for which it is worth the while.
  static let leastGrowth = 32 << 20
  /// Seconds between two times, at least.
  static let interval = Duration.seconds(5)
  /// Bytes of bodies that are held at most when load has fallen.
  static let mostHeld = 8 << 20

  private struct State {
    var lastTime = ContinuousClock.now
    var lastSize: Int?
  }

  private let state = Mutex(State())

  /// `malloc_trim` of glibc; nil with another C library.
  private static let trim: (@convention(c) (Int) -> Int32)? = {
    guard let symbol = dlsym(nil, "malloc_trim") else { return nil }
    return unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)
  }()

  /// Trims on a separate thread if the process has grown and load has fallen.
  /// Called every second.
  func trimIfNeeded(heldBytes: Int) {
    guard let trim = Self.trim, heldBytes <= Self.mostHeld,
      let size = ProcessMetrics.anonymousBytes()
    else { return }
    let isNeeded = state.withLock { state in
      // Before the first burst this is what the server needs; it falls if less is enough.
      let last = min(state.lastSize ?? size, size)
      state.lastSize = last
      let now = ContinuousClock.now
      guard size - last >= Self.leastGrowth, now - state.lastTime >= Self.interval else {
        return false
      }
      state.lastTime = now
      // Until it is known what is left.
      state.lastSize = nil
      return true
    }
    // Without a thread memory stays, until the next time.
    if isNeeded { _ = startThread { _ = trim(0) } }
  }
}
#endif
