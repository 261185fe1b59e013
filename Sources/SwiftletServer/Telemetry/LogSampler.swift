#if Server
import Synchronization

/// Lets a few lines of a kind through in each period, and counts those it leaves out.
///
/// A client can cause refusals faster than anyone reads about them; the metrics count all of them.
final class LogSampler: Sendable {
  /// What lines have in common.
  struct Kind: Hashable, Sendable {
    let event: String
    let status: Int?
  }

  /// Lines of a kind in a period.
  static let linesPerPeriod = 10
  /// Seconds between two calls of ``nextPeriod()``.
  static let period = 5

  private let counts = Mutex<[Kind: Int]>([:])

  /// Whether a line of this kind is to be written.
  func admits(_ kind: Kind) -> Bool {
    counts.withLock { counts in
      counts[kind, default: 0] += 1
      return counts[kind, default: 0] <= Self.linesPerPeriod
    }
  }

  /// Begins the next period.
  ///
  /// - Returns: How many lines of each kind were left out in the last one.
  func nextPeriod() -> [(kind: Kind, leftOut: Int)] {
    let last = counts.withLock { counts in
      defer { counts = [:] }
      return counts
    }
    return last.filter { $0.value > Self.linesPerPeriod }
      .map { ($0.key, $0.value - Self.linesPerPeriod) }
      .sorted { ($0.kind.status ?? 0, $0.kind.event) < ($1.kind.status ?? 0, $1.kind.event) }
  }
}
#endif
