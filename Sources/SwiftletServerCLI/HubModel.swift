#if Server && Hub
import Logging
import SwiftletHub
import SwiftletServer
import SwiftletSystem
import Synchronization

/// A model of the Hub that `--model-id` names.
struct HubModel {
  private let address: ModelAddress
  private let revision: String?
  private let options: HubOptions

  /// Returns whether a name can be that of a model of the Hub.
  static func isRepository(_ name: String) -> Bool {
    !FileStatus.exists(name) && (try? ModelAddress(name)) != nil
  }

  /// Nil if the text is the path of a directory.
  ///
  /// - Throws: `SettingsError` for two revisions.
  init?(_ location: String, _ settings: ServerSettings) throws {
    guard Self.isRepository(location) else { return nil }
    address = try ModelAddress(location)
    revision = settings.text("revision")
    if let revision, let own = address.revision, own.description != revision {
      throw SettingsError.conflict(
        reason: "--model-id \(address) and --revision \(revision) name two revisions; leave one out"
      )
    }
    let token = settings.text("hf-token") ?? settings.text("hf-api-token")
    options = HubOptions(
      cache: settings.text("huggingface-hub-cache"), token: token.map { .text($0) } ?? .automatic)
  }

  /// Downloads the models of the Hub, unless they are in the cache, and completes the configuration
  /// with their folders, names and commits.
  static func download(
    into configuration: inout ServerConfiguration, _ settings: ServerSettings, _ logger: Logger
  ) async throws {
    if let model = try HubModel(configuration.modelDirectory, settings) {
      let snapshot = try await model.download(logger)
      if configuration.servedModelName == configuration.modelDirectory {
        configuration.servedModelName = snapshot.modelID
      }
      configuration.modelID = snapshot.modelID
      configuration.modelDirectory = snapshot.directory
      configuration.revision = snapshot.revision
    }
    for (place, additional) in configuration.additionalModels.enumerated() {
      guard let model = try HubModel(additional.directory, settings) else { continue }
      var snapshot = try await model.download(logger)
      if additional.name != additional.directory { snapshot.name = additional.name }
      configuration.additionalModels[place] = snapshot
    }
  }

  /// Downloads the model, unless it is in the cache.
  private func download(_ logger: Logger) async throws -> AdditionalModel {
    let log = DownloadLog(logger)
    let hub = try Hub(options: options)
    let folder = try await hub.snapshot("\(address)", revision: revision) { log.add($0) }
    var model = AdditionalModel(directory: folder, name: address.repository.description)
    model.modelID = model.name
    model.revision = folder.split(separator: "/").last.map(String.init)
    return model
  }
}

/// Logs the events of a download; its progress every ten seconds.
private final class DownloadLog: Sendable {
  private struct State {
    var bytes = 0
    var total = 0
    var lastLogged = ContinuousClock.now
  }

  private let logger: Logger
  private let state = Mutex(State())
  private static let interval: Duration = .seconds(10)

  init(_ logger: Logger) { self.logger = logger }

  func add(_ event: HubEvent) {
    switch event {
    case .planned(let files, let bytes):
      state.withLock { $0.total += bytes }
      logger.info("downloading", metadata: ["files": "\(files)", "bytes": "\(bytes)"])
    case .received(_, let bytes, _): count(bytes)
    case .completed(let file): logger.debug("downloaded", metadata: ["file": "\(file)"])
    case .waiting(let seconds, let reason):
      logger.warning("\(reason); the request is repeated", metadata: ["seconds": "\(seconds)"])
    case .locked(let file):
      logger.info("another process downloads the file", metadata: ["file": "\(file)"])
    case .usingCache(let reason): logger.warning("\(reason); the model in the cache is used")
    case .notice(let text): logger.notice("the Hub says: \(text)")
    }
  }

  private func count(_ bytes: Int) {
    let progress = state.withLock { state -> State? in
      state.bytes += bytes
      guard ContinuousClock.now - state.lastLogged >= Self.interval else { return nil }
      state.lastLogged = .now
      return state
    }
    guard let progress else { return }
    logger.info(
      "downloading", metadata: ["received": "\(progress.bytes)", "bytes": "\(progress.total)"])
  }
}
#endif
