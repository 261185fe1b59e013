#if Server
import Glibc
import SwiftletSystem
import Synchronization

/// Returns memory to the system after a burst of requests; the allocator would keep it forever.
final class MemoryTrimmer: Sendable {
  /// Minimum growth in bytes since the last trim.
  static let minGrowth = 32 << 20
  /// Minimum time between two trims.
  static let interval = Duration.seconds(5)
  /// Maximum bytes of held bodies; with more of them, the load has not fallen.
  static let maxHeld = 8 << 20

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
    guard let trim = Self.trim, heldBytes <= Self.maxHeld,
      let size = ProcessMetrics.anonymousBytes()
    else { return }
    let isNeeded = state.withLock { state in
      // The size before the first burst, or the smallest one since.
      let last = min(state.lastSize ?? size, size)
      state.lastSize = last
      let now = ContinuousClock.now
      guard size - last >= Self.minGrowth, now - state.lastTime >= Self.interval else {
        return false
      }
      state.lastTime = now
      // Unknown until the next call.
      state.lastSize = nil
      return true
    }
    // Without a thread memory stays, until the next time.
    if isNeeded { _ = startThread { _ = trim(0) } }
  }
}
#endif
