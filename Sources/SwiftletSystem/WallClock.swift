import Glibc

/// The time of day.
///
/// Callers that import SwiftNIO can't name `timespec`: the compiler takes it for a type of SwiftNIO's own
/// C module or of Glibc, depending on which it loads first.
package enum WallClock {
  /// The time since 1970-01-01T00:00:00Z.
  package static func now() -> (seconds: Int, nanoseconds: Int) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return (time.tv_sec, time.tv_nsec)
  }
}
