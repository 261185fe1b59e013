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

  private let long = Part(limits.long)
  private let ordinary = Part(limits.ordinary)

  /// Bytes of answers, up to a limit.
  fileprivate final class Part: Sendable {
    let limit: Int
    private let used = Mutex(0)

    init(_ limit: Int) { self.limit = limit }

    /// False, and nothing is taken, where it would be more than there is.
    func take(_ bytes: Int) -> Bool {
      used.withLock { used in
        guard bytes <= limit - used else { return false }
        used += bytes
        return true
      }
    }

    func giveBack(_ bytes: Int) { used.withLock { $0 -= bytes } }
  }

  /// A part of the budget, as long as somebody holds it.
  final class Share: Sendable {
    private let part: Part
    private let counted: Mutex<Int>
    /// Of the answer, about.
    let bytes: Int

    fileprivate init(of part: Part, counted: Int, bytes: Int) {
      self.part = part
      self.counted = Mutex(counted)
      self.bytes = bytes
    }

    /// Gives back what is beyond so many bytes.
    func shrink(to bytes: Int) {
      let freed = counted.withLock { counted in
        defer { counted = min(counted, bytes) }
        return max(0, counted - bytes)
      }
      part.giveBack(freed)
    }

    deinit { shrink(to: 0) }
  }

  /// Counts an answer of about this size in, unless it is a short one. Whatever its size, the only one
  /// finds room.
  ///
  /// - Throws: ``ServerError/overloaded``.
  func share(of bytes: Int) throws(ServerError) -> Share? {
    guard bytes > Self.mostUncounted else { return nil }
    let part = bytes > Self.mostOrdinary ? long : ordinary
    let counted = min(bytes, part.limit)
    guard part.take(counted) else { throw .overloaded }
    return Share(of: part, counted: counted, bytes: bytes)
  }
}
#endif
