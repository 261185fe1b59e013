#if Server
import Logging
import Swiftlet
import SwiftletSystem
import Synchronization

/// Loads the models of a server on separate threads: all at the start, and new versions later.
final class ModelLoader: Sendable {
  private let configurations: [ServerConfiguration]
  private let state: ServerState
  private let logger: Logger
  /// The names of the models that are being loaded again.
  private let reloading = Mutex<Set<String>>([])

  init(_ configuration: ServerConfiguration, _ state: ServerState, _ logger: Logger) {
    configurations = configuration.models
    self.state = state
    self.logger = logger
  }

  // MARK: The start

  /// Loads all models, each warmed up.
  ///
  /// - Throws: The error of the first model that can't be loaded; with several models, it names the
  ///   model.
  func load() throws(SwiftletError) -> ServedModels {
    let names = configurations.map(\.servedModelName)
    var shared: SharedResources?
    var all: [Serving] = []
    for configuration in configurations {
      let name = configuration.servedModelName
      let model: ServedModel
      do throws(SwiftletError) {
        model = try Self.model(configuration, shared)
      } catch {
        throw names.count > 1 ? error.about(model: name) : error
      }
      let resources = shared ?? SharedResources(configuration, pool: model.pool)
      shared = resources
      let metrics = ServerMetrics(
        maxInputLength: model.maxInputLength, labels: names.count > 1 ? [("model", name)] : [])
      all.append(Serving(configuration, model, resources, metrics, names: names))
    }
    guard let shared else { throw .invalidOption(reason: "the server has no model") }
    return ServedModels(shared, all)
  }

  private static func model(
    _ configuration: ServerConfiguration, _ shared: SharedResources?
  ) throws(SwiftletError) -> ServedModel {
    let model = try ServedModel(configuration, pool: shared?.pool)
    try model.warmUp()
    return model
  }

  // MARK: New versions

  /// Loads the folder of a model again, beside the version that serves, and lets new requests use
  /// it. Requests that have begun end with the previous version, which is then freed.
  ///
  /// - Throws: ``ServerError/notReloaded(_:_:status:)`` if the folder can't be loaded, has another
  ///   task, or is being loaded; the previous version stays.
  func reload(_ name: String) async throws(ServerError) -> ModelReload {
    let previous = try state.models().named(name)
    guard reloading.withLock({ $0.insert(name).inserted }) else {
      throw Self.busy(name)
    }
    defer { _ = reloading.withLock { $0.remove(name) } }
    let start = ContinuousClock.now
    let result = await Self.onThread { () throws(SwiftletError) in
      try Self.model(previous.configuration, previous.shared)
    }
    let model: ServedModel
    switch result {
    case .success(let loaded): model = loaded
    case .failure(let error): throw failure(name, "\(error)", status: 424)
    }
    if let obstacle = ModelReload.obstacle(from: previous.model, to: model) {
      throw failure(name, obstacle, status: 409)
    }
    let version = Serving(
      previous.configuration, model, previous.shared, previous.metrics,
      names: configurations.map(\.servedModelName))
    state.replace(with: version)
    let reload = ModelReload(from: previous, to: version, took: ContinuousClock.now - start)
    log(reload)
    return reload
  }

  /// Loads the models whose folders have another content than when they were loaded. Failures are
  /// logged.
  func reloadChanged() async {
    guard let models = try? state.models() else { return }
    for serving in models.all {
      let directory = serving.configuration.modelDirectory
      let found = await Self.onThread { () throws(SwiftletError) in
        ModelFingerprint.of(directory)
      }
      if case .success(let fingerprint?) = found, fingerprint == serving.info.fingerprint {
        logger.info("the model has not changed", metadata: ["model": "\(serving.name)"])
      } else {
        _ = try? await reload(serving.name)
      }
    }
  }

  static func busy(_ name: String) -> ServerError {
    .notReloaded(name, "it is being loaded at the moment; try again later", status: 409)
  }

  private func failure(_ name: String, _ reason: String, status: Int) -> ServerError {
    logger.error(
      "the model was not loaded again; its previous version keeps serving",
      metadata: ["model": "\(name)", "reason": "\(reason)"])
    return .notReloaded(name, reason, status: status)
  }

  private func log(_ reload: ModelReload) {
    logger.info(
      "the model was loaded again",
      metadata: [
        "model": "\(reload.model)", "fingerprint": "\(reload.fingerprint ?? "-")",
        "previous": "\(reload.previousFingerprint ?? "-")",
        "changes": "\(reload.changes.joined(separator: "; "))", "took": "\(reload.seconds) s",
      ])
  }

  /// Runs blocking work on a separate thread, or on this one if the system refuses a thread.
  private static func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws(SwiftletError) -> Value
  ) async -> Result<Value, SwiftletError> {
    await withCheckedContinuation { continuation in
      let run = { @Sendable in
        continuation.resume(returning: Result { () throws(SwiftletError) in try work() })
      }
      if startThread(run) != 0 { run() }
    }
  }
}

extension SwiftletError {
  /// This error with the name of the model that it concerns.
  fileprivate func about(model name: String) -> SwiftletError {
    let prefix = "the model \(name.bounded(to: 256)): "
    return switch self {
    case .missingFile(let reason): .missingFile(reason: prefix + reason)
    case .invalidModel(let reason): .invalidModel(reason: prefix + reason)
    case .unsupportedModel(let reason): .unsupportedModel(reason: prefix + reason)
    case .engine(let reason): .engine(reason: prefix + reason)
    case .invalidOption(let reason): .invalidOption(reason: prefix + reason)
    case .memory(let bytes, let purpose):
      .memory(bytes: bytes, purpose: "\(purpose) of the model \(name.bounded(to: 256))")
    case .cancelled, .unwritable, .text: self
    }
  }
}
#endif
