import Glibc

/// The time of day, for callers that cannot name `timespec`.
///
/// In files that import SwiftNIO, `timespec` is a type of SwiftNIO's C module or of Glibc,
/// depending on which module the compiler loads first.
package enum WallClock {
  /// The time since 1970-01-01T00:00:00Z.
  package static func now() -> (seconds: Int, nanoseconds: Int) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return (time.tv_sec, time.tv_nsec)
  }
}
