#if Server
import Synchronization

/// The memory of long answers, from before they are computed until the client has taken them. It is
/// bounded: a request of some kilobytes may ask for a hundred megabytes, and take its time to read them.
final class AnswerBudget: Sendable {
  /// Bytes of all of them together.
  static let limit = 256 << 20
  /// Answers up to this size are not counted.
  static let mostUncounted = 65_536
  private let used = Mutex(0)

  /// A part of the budget, as long as somebody holds it.
  final class Share: Sendable {
    private let budget: AnswerBudget
    /// Of the answer, about.
    let bytes: Int

    fileprivate init(_ budget: AnswerBudget, _ bytes: Int) {
      self.budget = budget
      self.bytes = bytes
    }

    deinit { budget.used.withLock { $0 -= bytes } }
  }

  /// Counts an answer of about this size in, unless it is a short one. Whatever its size, the only one
  /// finds room.
  ///
  /// - Throws: ``ServerError/overloaded``.
  func share(of bytes: Int) throws(ServerError) -> Share? {
    guard bytes > Self.mostUncounted else { return nil }
    let fits = used.withLock { used in
      guard used == 0 || bytes <= Self.limit - used else { return false }
      used += bytes
      return true
    }
    guard fits else { throw .overloaded }
    return Share(self, bytes)
  }
}
#endif
