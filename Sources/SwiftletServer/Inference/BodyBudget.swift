#if Server
import Synchronization

/// The memory of requests' bodies, from their first bytes until the requests are answered. It is bounded,
/// whatever the number of connections.
///
/// Short ones have a part of their own, so that long ones don't keep them out. Bytes count as they come:
/// a client that announces a body and does not send it takes nothing.
final class BodyBudget: Sendable {
  /// Bodies up to this size are short.
  static let mostShort = 65_536
  /// Bytes of all short bodies together, and of all others.
  static let limits = (short: 64 << 20, long: 64 << 20)

  private struct State {
    var short = 0
    var long = 0
  }

  private let state = Mutex(State())

  /// Bytes that are held.
  var used: Int { state.withLock { $0.short + $0.long } }

  /// A body that is about to be read.
  func makeShare() -> Share { Share(of: self) }

  /// Counts a body as `new` bytes instead of `old`, if there is room. Whatever its size, the only long
  /// one finds room.
  private func change(_ old: Int, to new: Int) -> Bool {
    state.withLock { state in
      var next = state
      if old > Self.mostShort { next.long -= old } else { next.short -= old }
      let hasRoom: Bool
      if new > Self.mostShort {
        hasRoom = next.long == 0 || new <= Self.limits.long - next.long
        next.long += new
      } else {
        hasRoom = new <= Self.limits.short - next.short
        next.short += new
      }
      if hasRoom { state = next }
      return hasRoom
    }
  }

  /// Whether a long body of so many bytes would find room now.
  private func hasRoom(for bytes: Int) -> Bool {
    bytes <= Self.mostShort
      || state.withLock { $0.long == 0 || bytes <= Self.limits.long - $0.long }
  }

  /// What one body takes of the budget, as long as it is held.
  final class Share: Sendable {
    private let budget: BodyBudget
    private let counted = Mutex(0)

    fileprivate init(of budget: BodyBudget) { self.budget = budget }

    /// Refuses a body that would not find room now, before any of it is read.
    ///
    /// - Throws: ``ServerError/tooManyBodies``.
    func announce(_ bytes: Int) throws(ServerError) {
      guard budget.hasRoom(for: bytes) else { throw .tooManyBodies }
    }

    /// Counts what is kept of the body now.
    ///
    /// - Throws: ``ServerError/tooManyBodies``.
    func grow(to bytes: Int) throws(ServerError) {
      let hasRoom = counted.withLock { counted in
        guard budget.change(counted, to: bytes) else { return false }
        counted = bytes
        return true
      }
      if !hasRoom { throw .tooManyBodies }
    }

    deinit { _ = budget.change(counted.withLock { $0 }, to: 0) }
  }
}

extension ServerError {
  /// No memory for a body now.
  static let tooManyBodies = ServerError(
    .overloaded, "Model is overloaded: too many large request bodies at the same time")
}
#endif
