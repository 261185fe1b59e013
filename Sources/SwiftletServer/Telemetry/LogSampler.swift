#if Server
import Synchronization

/// Admits a few lines of each kind in a period, and counts the others.
///
/// Clients can cause many refusals; the metrics count all of them.
final class LogSampler: Sendable {
  /// The kind of a line.
  struct Kind: Hashable, Sendable {
    let event: String
    let status: Int?
  }

  /// Maximum number of lines of a kind in a period.
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
  /// - Returns: The number of lines that were left out of the last period, by kind.
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
