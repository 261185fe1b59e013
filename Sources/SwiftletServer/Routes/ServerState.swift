#if Server
import Synchronization

/// The phase of the server, shared by all routes.
final class ServerState: Sendable {
  private enum Phase {
    case loading
    case ready(ServedModels)
    /// Requests in flight are still answered.
    case draining(ServedModels?)
  }

  private let phase = Mutex(Phase.loading)
  private let listeningPort = Mutex<Int?>(nil)

  /// The port that the server listens on; nil before it does.
  var port: Int? { listeningPort.withLock { $0 } }

  func listen(on port: Int) { listeningPort.withLock { $0 = port } }

  func load(_ models: ServedModels) {
    phase.withLock { phase in
      if case .draining = phase { phase = .draining(models) } else { phase = .ready(models) }
    }
  }

  /// Lets new requests use another version of a model.
  func replace(with version: Serving) {
    phase.withLock { phase in
      switch phase {
      case .loading, .draining(nil): break
      case .ready(var models):
        models.replace(with: version)
        phase = .ready(models)
      case .draining(var models?):
        models.replace(with: version)
        phase = .draining(models)
      }
    }
  }

  func drain() {
    phase.withLock { phase in
      switch phase {
      case .loading: phase = .draining(nil)
      case .ready(let models): phase = .draining(models)
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

  /// - Throws: ``ServerError/loading`` until the models are loaded.
  func models() throws(ServerError) -> ServedModels {
    let models: ServedModels? = phase.withLock { phase in
      switch phase {
      case .loading: nil
      case .ready(let models): models
      case .draining(let models): models
      }
    }
    guard let models else { throw .loading }
    return models
  }

  /// The first model.
  ///
  /// - Throws: ``ServerError/loading`` until the models are loaded.
  func serving() throws(ServerError) -> Serving { try models().first }
}
#endif
