#if Server
import NIOCore
import Synchronization

/// A connected client. The queue is fair between clients by their ``id``.
final class ClientConnection: Sendable {
  private struct State {
    var isGone = false
    var onDeparture: (@Sendable () -> Void)?
  }

  let id: ClientID
  private let channel: any Channel
  private let state = Mutex(State())

  init(_ id: ClientID, _ channel: any Channel) {
    self.id = id
    self.channel = channel
  }

  /// Closes the connection at once, even if its response is not sent.
  func abort() { channel.triggerUserOutboundEvent(AbortHandler.Abort(), promise: nil) }

  /// Calls `action` once when the client disconnects, or now if it already has; nil removes the
  /// action. A connection has one action, because it computes one request at a time.
  func onDeparture(_ action: (@Sendable () -> Void)?) {
    let isGone = state.withLock { state in
      state.onDeparture = state.isGone ? nil : action
      return state.isGone
    }
    if isGone { action?() }
  }

  /// Marks the client as gone: it closed the connection or its sending half. Both send FIN, so they
  /// can't be told apart.
  func depart() {
    let action = state.withLock { state in
      state.isGone = true
      defer { state.onDeparture = nil }
      return state.onDeparture
    }
    action?()
  }
}
#endif
