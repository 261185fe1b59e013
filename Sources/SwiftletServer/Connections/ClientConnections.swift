#if Server
import NIOCore
import Synchronization

/// The connected clients by channel.
final class ClientConnections: Sendable {
  private struct State {
    var clients: [ObjectIdentifier: ClientConnection] = [:]
    var lastNumber: UInt64 = 0
    var areEnding = false

    mutating func makeClient(_ channel: any Channel) -> ClientConnection {
      lastNumber += 1
      return ClientConnection(ClientID(number: lastNumber), channel)
    }
  }

  private let state = Mutex(State())

  /// Number of connected clients.
  var count: Int { state.withLock { $0.clients.count } }

  /// Whether connections close without waiting for their responses.
  var areEnding: Bool { state.withLock { $0.areEnding } }

  /// Lets connections close without waiting for their responses, after the grace period.
  func end() {
    state.withLock { $0.areEnding = true }
  }

  /// Adds the channel's client until ``remove(_:)``.
  func add(_ channel: any Channel) -> ClientConnection {
    state.withLock { state in
      let client = state.makeClient(channel)
      state.clients[ObjectIdentifier(channel)] = client
      return client
    }
  }

  func remove(_ channel: any Channel) {
    state.withLock { state in state.clients[ObjectIdentifier(channel)] = nil }
  }

  /// The channel's client; a new one for a channel that was not added, as in tests.
  func client(of channel: any Channel) -> ClientConnection {
    state.withLock { state in
      state.clients[ObjectIdentifier(channel)] ?? state.makeClient(channel)
    }
  }
}
#endif
