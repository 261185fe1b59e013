#if Server && Hub
import Logging
import SwiftletHub
import SwiftletServer
import SwiftletSystem
import Synchronization

/// The model of the Hub that `--model-id` names.
struct HubModel {
  private let address: ModelAddress
  private let revision: String?
  private let options: HubOptions

  /// Returns whether a name can be that of a model of the Hub.
  static func isRepository(_ name: String) -> Bool {
    !FileStatus.exists(name) && (try? ModelAddress(name)) != nil
  }

  /// Nil if the configuration has a directory.
  ///
  /// - Throws: `SettingsError` for two revisions.
  init?(_ configuration: ServerConfiguration, _ settings: ServerSettings) throws {
    guard Self.isRepository(configuration.modelDirectory) else { return nil }
    address = try ModelAddress(configuration.modelDirectory)
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

  /// Downloads the model, unless it is in the cache, and completes the configuration with its folder, its
  /// name and its commit.
  func download(into configuration: inout ServerConfiguration, _ logger: Logger) async throws {
    let log = DownloadLog(logger)
    let hub = try Hub(options: options)
    let folder = try await hub.snapshot("\(address)", revision: revision) { log.add($0) }
    let name = address.repository.description
    if configuration.servedModelName == configuration.modelDirectory {
      configuration.servedModelName = name
    }
    configuration.modelID = name
    configuration.modelDirectory = folder
    configuration.revision = folder.split(separator: "/").last.map(String.init)
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
