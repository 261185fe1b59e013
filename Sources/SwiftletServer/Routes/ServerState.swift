#if Server
import Synchronization

/// The phase of the server, shared by all routes.
final class ServerState: Sendable {
  private enum Phase {
    case loading
    case ready(Serving)
    /// Requests in flight are still answered.
    case draining(Serving?)
  }

  private let phase = Mutex(Phase.loading)
  private let listeningPort = Mutex<Int?>(nil)

  /// The port that the server listens on; nil before it does.
  var port: Int? { listeningPort.withLock { $0 } }

  func listen(on port: Int) { listeningPort.withLock { $0 = port } }

  func load(_ serving: Serving) {
    phase.withLock { phase in
      if case .draining = phase { phase = .draining(serving) } else { phase = .ready(serving) }
    }
  }

  func drain() {
    phase.withLock { phase in
      switch phase {
      case .loading: phase = .draining(nil)
      case .ready(let serving): phase = .draining(serving)
      case .draining: break
      }
    }
  }

  /// Whether `/health` returns 200: clients should send new requests.
  var isHealthy: Bool {
    phase.withLock { phase in
      if case .ready = phase { true } else { false }
    }
  }

  /// Whether connections are closed after their next answer.
  var isDraining: Bool {
    phase.withLock { phase in
      if case .draining = phase { true } else { false }
    }
  }

  /// - Throws: ``ServerError/loading`` until the model is loaded.
  func serving() throws(ServerError) -> Serving {
    let serving: Serving? = phase.withLock { phase in
      switch phase {
      case .loading: nil
      case .ready(let serving): serving
      case .draining(let serving): serving
      }
    }
    guard let serving else { throw .loading }
    return serving
  }
}
#endif
