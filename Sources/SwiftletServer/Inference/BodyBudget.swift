#if Server
import Synchronization

/// Bounds the memory of request bodies, from their first bytes until the requests are answered, for
/// any number of connections.
///
/// Short bodies have a separate budget, so that long ones don't block them. Bytes count when they
/// arrive: a client that announces a body and does not send it uses nothing.
final class BodyBudget: Sendable {
  /// Bodies up to this size are short.
  static let maxShort = 65_536
  /// Maximum bytes of all short bodies, and of all long ones.
  static let limits = (short: 64 << 20, long: 64 << 20)

  private struct State {
    var short = 0
    var long = 0
  }

  private let state = Mutex(State())

  /// Bytes that are held.
  var used: Int { state.withLock { $0.short + $0.long } }

  /// A share for a body that is about to be read.
  func makeShare() -> Share { Share(of: self) }

  /// Counts a body as `new` bytes instead of `old` if there is room. A single long body always has
  /// room.
  private func change(_ old: Int, to new: Int) -> Bool {
    state.withLock { state in
      var next = state
      if old > Self.maxShort { next.long -= old } else { next.short -= old }
      let hasRoom: Bool
      if new > Self.maxShort {
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

  /// Whether a body of this size would have room now.
  private func hasRoom(for bytes: Int) -> Bool {
    bytes <= Self.maxShort
      || state.withLock { $0.long == 0 || bytes <= Self.limits.long - $0.long }
  }

  /// The part of the budget that one body uses, as long as the share is referenced.
  final class Share: Sendable {
    private let budget: BodyBudget
    private let counted = Mutex(0)

    fileprivate init(of budget: BodyBudget) { self.budget = budget }

    /// Refuses a body without room before any of it is read.
    ///
    /// - Throws: ``ServerError/tooManyBodies``.
    func announce(_ bytes: Int) throws(ServerError) {
      guard budget.hasRoom(for: bytes) else { throw .tooManyBodies }
    }

    /// Counts the bytes of the body that are held now.
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
  /// There is no memory for another body now.
  static let tooManyBodies = ServerError(
    .overloaded, "Model is overloaded: too many large request bodies at the same time")
}
#endif
