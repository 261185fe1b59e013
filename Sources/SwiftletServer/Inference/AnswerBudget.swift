#if Server
import Synchronization

/// The memory of long answers, from before they are computed until the client has taken them. It is
/// bounded: a request of some kilobytes may ask for a hundred megabytes, and take its time to read them.
///
/// Very long ones have a part of their own, so that a few of them don't keep all others out.
final class AnswerBudget: Sendable {
  /// Answers up to this size are not counted.
  static let mostUncounted = 65_536
  /// Answers beyond this size are very long.
  static let mostOrdinary = 1 << 20
  /// Bytes of all very long ones together, and of all others.
  static let limits = (long: 192 << 20, ordinary: 64 << 20)

  private let long = Mutex(0)
  private let ordinary = Mutex(0)

  /// A part of the budget, as long as somebody holds it.
  final class Share: Sendable {
    private let budget: AnswerBudget
    private let isLong: Bool
    private let counted: Mutex<Int>
    /// Of the answer, about.
    let bytes: Int

    fileprivate init(_ budget: AnswerBudget, bytes: Int, isLong: Bool, counted: Int) {
      self.budget = budget
      self.bytes = bytes
      self.isLong = isLong
      self.counted = Mutex(counted)
    }

    /// Gives back what is beyond so many bytes.
    func shrink(to bytes: Int) {
      let freed = counted.withLock { counted in
        defer { counted = min(counted, bytes) }
        return max(0, counted - bytes)
      }
      budget.add(-freed, isLong: isLong)
    }

    deinit { shrink(to: 0) }
  }

  /// Counts an answer of about this size in, unless it is a short one. Whatever its size, the only one
  /// finds room.
  ///
  /// - Throws: ``ServerError/overloaded``.
  func share(of bytes: Int) throws(ServerError) -> Share? {
    guard bytes > Self.mostUncounted else { return nil }
    let isLong = bytes > Self.mostOrdinary
    let counted = min(bytes, isLong ? Self.limits.long : Self.limits.ordinary)
    guard add(counted, isLong: isLong) else { throw .overloaded }
    return Share(self, bytes: bytes, isLong: isLong, counted: counted)
  }

  /// False, and nothing is changed, where it would be more than there is.
  @discardableResult
  private func add(_ bytes: Int, isLong: Bool) -> Bool {
    let add = { (used: inout Int, limit: Int) in
      guard used + bytes <= limit else { return false }
      used += bytes
      return true
    }
    return isLong
      ? long.withLock { add(&$0, Self.limits.long) }
      : ordinary.withLock { add(&$0, Self.limits.ordinary) }
  }
}
#endif
