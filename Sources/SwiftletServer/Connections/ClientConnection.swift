#if Server
import NIOCore
import Synchronization

/// A client as long as it is connected. Its number is what the queue is fair by.
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

  /// Closes the connection at once, though its answer is not sent.
  func abort() { channel.triggerUserOutboundEvent(AbortHandler.Abort(), promise: nil) }

  /// Has `action` run once if the client goes, at once if it has gone already; nil for nothing more.
  /// One at a time: a connection has one request that is computed.
  func onDeparture(_ action: (@Sendable () -> Void)?) {
    let isGone = state.withLock { state in
      state.onDeparture = state.isGone ? nil : action
      return state.isGone
    }
    if isGone { action?() }
  }

  /// The client closed the connection, or its sending half: who closes a socket can't do only half of
  /// it on the wire, so that nobody can tell.
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
