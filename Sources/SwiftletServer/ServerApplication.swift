#if Server
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
package import Swiftlet
import SwiftletRuntime
import SwiftletSystem

/// Models behind HTTP, with the interface of text-embeddings-inference.
///
///     let server = SwiftletServer(configuration: ServerConfiguration(modelDirectory: "model"))
///     let group = ServiceGroup(
///       services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
///     try await group.run()
///
/// It listens at once, but `/health` returns 503 until all models are loaded. On a graceful shutdown
/// it accepts no more connections and answers every request whose head it has read. It ends after
/// ``ServerConfiguration/drainTimeout`` at the latest.
public struct SwiftletServer: Service {
  /// The version that `/info` returns.
  public static let version = "\(ProjectVersion.text)"

  let configuration: ServerConfiguration
  let logger: Logger
  private let onListening: @Sendable (Int) -> Void
  let state: ServerState
  /// Loads the models, at the start and again.
  let loader: ModelLoader
  let connections = ClientConnections()
  let log: RequestLog
  /// nil for plain HTTP.
  let certificates: Certificates?
  private let haste = AsyncStream<Void>.makeStream()

  /// Idle time after which a connection is closed; longer than the idle timeout of load balancers.
  static let idleTimeout = TimeAmount.seconds(75)
  /// Maximum time for the head of a request, for its body, and between two reads of its response.
  static let clientTimeout = TimeAmount.seconds(30)
  /// Grace period for sending 503 to requests still running when the drain timeout expires.
  private static let refusalTime = Duration.seconds(1)

  /// Creates a server; call ``run()`` once to start it.
  ///
  /// - Parameters:
  ///   - configuration: The models, the address and the limits.
  ///   - logger: The server's logger; nil creates one.
  ///   - onListening: Called with the port once the server listens.
  public init(
    configuration: ServerConfiguration, logger: Logger? = nil,
    onListening: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.onListening = onListening
    if let logger {
      self.logger = logger
    } else {
      var logger = Logger(label: "swiftlet-server")
      logger.logLevel = configuration.logLevel
      self.logger = logger
    }
    log = RequestLog(logger: self.logger)
    state = ServerState()
    loader = ModelLoader(configuration, state, self.logger)
    if let chain = configuration.tlsCertificatePath, let key = configuration.tlsKeyPath {
      certificates = Certificates(chainPath: chain, keyPath: key)
    } else {
      certificates = nil
    }
  }

  /// Reloads the certificate and its key, as `swiftlet-server` does on SIGHUP. New connections use
  /// them. If the files are not valid, the error is logged and the previous certificate is kept.
  ///
  /// Changed files are reloaded within ten seconds without a call.
  public func reloadCertificates() {
    guard let certificates else { return logger.info("no certificate to reload: TLS is not used") }
    certificates.reload(logger)
  }

  /// Loads the models whose folders have changed, as `swiftlet-server` does on SIGHUP. No request is
  /// lost: the new version of a model is loaded beside the previous one, which answers the requests
  /// that have begun. If a folder can't be loaded, or has another task, the error is logged and the
  /// previous version keeps serving.
  public func reloadModels() async { await loader.reloadChanged() }

  /// Ends a graceful shutdown at once, as `swiftlet-server` does on a second SIGTERM. Requests in
  /// flight get 503; the server does not wait for the rest of ``ServerConfiguration/drainTimeout``.
  public func hastenShutdown() { haste.continuation.yield() }

  /// Listens, loads the models, and serves until the task is cancelled or its service group shuts
  /// down.
  ///
  /// - Throws: ``SwiftletError`` if a setting is not valid or a model can't be loaded,
  ///   ``ServerStartError`` for a certificate or key that can't be read, and the system's error if
  ///   it can't listen on the port.
  public func run() async throws {
    try configuration.check()
    warnOfLimits()
    // A separate group, so that the HTTP server can be stopped if the model can't be loaded.
    let http = ServiceGroup(
      configuration: ServiceGroupConfiguration(services: [try application()], logger: logger))
    var failure: SwiftletError?
    var isRefusing = false
    try await withThrowingTaskGroup(of: Event.self) { group in
      group.addTask {
        try await http.run()
        return .ended
      }
      group.addTask {
        do throws(SwiftletError) {
          try await load()
          return .loaded
        } catch {
          return .failed(error)
        }
      }
      group.addTask { await drainTimeout() }
      group.addTask { await hastened() }
      group.addTask { await maintain() }
      defer { group.cancelAll() }
      while let event = try await group.next() {
        switch event {
        case .loaded: continue
        case .failed(let error):
          failure = error
          await http.triggerGracefulShutdown()
          group.addTask { await Self.refusalTimeout() }
        case .ended: return
        case .drainTimedOut:
          guard !isRefusing else { continue }
          isRefusing = true
          logger.warning("requests are still in flight; ending them")
          // They get 503 first: a closed connection does not tell the client whether to retry.
          (try? state.models())?.shared.scheduler.stop()
          group.addTask { await Self.refusalTimeout() }
        case .refusalTimedOut:
          connections.end()
          group.cancelAll()
          // The errors of cancelled tasks are not failures of the server.
          while await group.nextResult() != nil {}
          return
        case .cancelled: continue
        }
      }
    }
    if let failure { throw failure }
  }

  /// Checks that the system can start the minimum number of threads: for event loops, for Swift
  /// tasks, and one for the engine. Without them, SwiftNIO and the Swift runtime end the process or
  /// block forever.
  ///
  /// - Throws: ``SwiftletError/engine(reason:)``.
  package static func checkThreads() throws(SwiftletError) {
    do throws(KernelsError) {
      try ThreadReserve.check(2 * System.coreCount + 4, bytes: startBytes)
    } catch {
      throw SwiftletError(error)
    }
  }

  /// Memory that SwiftNIO and the Swift runtime allocate for a server without a model. They can't
  /// report a failed allocation.
  private static let startBytes = 32 << 20

  private enum Event: Sendable {
    case loaded, ended, drainTimedOut, refusalTimedOut, cancelled
    case failed(SwiftletError)
  }

  /// Waits for ``refusalTime``.
  private static func refusalTimeout() async -> Event {
    try? await Task.sleep(for: refusalTime)
    return .refusalTimedOut
  }

  /// The HTTP server alone; it returns 503 until ``load()`` has been called.
  func application() throws(ServerStartError) -> some ApplicationProtocol {
    Application(
      responder: ServerResponder(
        configuration, state: state, loader: loader, connections: connections, log: log),
      server: try server(),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.hostname, port: configuration.port), backlog: 1024,
        availableConnectionsDelegate: Self.maxConnections.map { MaximumAvailableConnections($0) }),
      onServerRunning: { [onListening, state] channel in
        let port = channel.localAddress?.port ?? configuration.port
        state.listen(on: port)
        onListening(port)
      }, logger: logger)
  }

  /// Loads the models and computes texts of maximum length, on a separate thread. Returns at once
  /// if the task is cancelled.
  func load() async throws(SwiftletError) {
    let start = ContinuousClock.now
    let (results, result) = AsyncStream<Result<ServedModels, SwiftletError>>.makeStream()
    let work = { @Sendable [loader] in
      _ = result.yield(Result { () throws(SwiftletError) in try loader.load() })
    }
    if startThread(work) != 0 { work() }
    var iterator = results.makeAsyncIterator()
    // nil if the task is cancelled: the server stops, or the port is taken. Loading can take long,
    // so the server does not wait for the thread.
    guard let loaded = await iterator.next() else { return }
    let models = try loaded.get()
    guard !Task.isCancelled else { return }
    state.load(models)
    for serving in models.all { logReady(serving, ContinuousClock.now - start) }
  }

  private func logReady(_ serving: Serving, _ duration: Duration) {
    let model = serving.model
    logger.info(
      "ready",
      metadata: [
        "address": "\(address)", "model": "\(serving.configuration.modelDirectory)",
        "name": "\(serving.name)", "fingerprint": "\(model.fingerprint ?? "-")",
        "kind": "\(model.kind)", "precision": "\(model.precision)",
        "threads": "\(model.threadCount)", "instructions": "\(model.instructionSet)",
        "took": "\(duration)",
      ])
    if model.kind != .embedding, configuration.concernsEmbeddings {
      logger.warning(
        "the model is not an embedding model: pooling, prompts and TASK have no effect",
        metadata: ["name": "\(serving.name)"])
    }
    if !model.unusedTensors.isEmpty {
      logger.warning(
        "the model does not use some tensors of the checkpoint",
        metadata: [
          "name": "\(serving.name)",
          "tensors": "\(model.unusedTensors.prefix(8).joined(separator: ", "))",
        ])
    }
  }

  /// The server's URL.
  private var address: String {
    let scheme = configuration.tlsCertificatePath == nil ? "http" : "https"
    let name = configuration.hostname
    let host = name.contains(":") ? "[\(name)]" : name
    return "\(scheme)://\(host):\(state.port ?? configuration.port)"
  }

  /// Waits for the shutdown to begin, and then for the drain timeout.
  private func drainTimeout() async -> Event {
    do {
      try await gracefulShutdown()
      state.drain()
      logger.info("shutting down: no new connections, requests in flight are answered")
      try await Task.sleep(for: .seconds(configuration.drainTimeout))
      return .drainTimedOut
    } catch {
      return .cancelled
    }
  }
}

// MARK: Background work

extension SwiftletServer {
  /// Waits for ``hastenShutdown()``.
  private func hastened() async -> Event {
    for await _ in haste.stream { return .drainTimedOut }
    return .cancelled
  }

  /// Seconds between two checks of the certificate's files.
  private static let certificateInterval = 10

  /// Does periodic work until the server ends.
  private func maintain() async -> Event {
    let trimmer = MemoryTrimmer()
    var second = 0
    while (try? await Task.sleep(for: .seconds(1))) != nil {
      second += 1
      if second % LogSampler.period == 0 { log.reportLeftOut() }
      if second % Self.certificateInterval == 0 { certificates?.reloadIfChanged(logger) }
      trimmer.trimIfNeeded(heldBytes: (try? state.models())?.shared.bodies.used ?? 0)
    }
    log.reportLeftOut()
    return .cancelled
  }
}
#endif
