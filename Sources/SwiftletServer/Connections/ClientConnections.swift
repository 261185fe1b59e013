#if Server
import NIOCore
import Synchronization

/// The clients that are connected, by their channels.
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

  /// How many are connected.
  var count: Int { state.withLock { $0.clients.count } }

  /// Whether answers need not be waited for any more.
  var areEnding: Bool { state.withLock { $0.areEnding } }

  /// The server has waited long enough: connections are closed whether their answers are sent or not.
  func end() {
    state.withLock { $0.areEnding = true }
  }

  /// Counts a channel in, until ``remove(_:)``.
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

  /// The client at the other end of a channel; one that never goes for a channel that was not counted
  /// in, as those of tests are.
  func client(of channel: any Channel) -> ClientConnection {
    state.withLock { state in
      state.clients[ObjectIdentifier(channel)] ?? state.makeClient(channel)
    }
  }
}
#endif
