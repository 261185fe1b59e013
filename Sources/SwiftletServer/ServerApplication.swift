#if Server
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
package import Swiftlet
import SwiftletRuntime
import SwiftletSystem

/// A model behind HTTP, with the interface of text-embeddings-inference.
///
///     let server = SwiftletServer(configuration: ServerConfiguration(modelDirectory: "model"))
///     let group = ServiceGroup(
///       services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
///     try await group.run()
///
/// It listens at once, loads the model, and only then calls itself healthy. Told to shut down
/// gracefully it accepts no more connections, answers every request whose head it has read, and
/// ends: after ``ServerConfiguration/drainTimeout`` in any case.
public struct SwiftletServer: Service {
  /// What `/info` calls the server's version.
  public static let version = "\(ProjectVersion.text)"

  let configuration: ServerConfiguration
  let logger: Logger
  private let onListening: @Sendable (Int) -> Void
  let state = ServerState()
  let connections = ClientConnections()
  let log: RequestLog
  /// nil for a server that speaks plain HTTP.
  let certificates: Certificates?
  private let haste = AsyncStream<Void>.makeStream()

  /// Seconds after which a connection without any request is closed; longer than load balancers keep
  /// theirs.
  static let idleTimeout = TimeAmount.seconds(75)
  /// Seconds that a client may take to send the head of a request, or its body, or to take none of its
  /// answer.
  static let clientTimeout = TimeAmount.seconds(30)
  /// Grace period for sending 503 to requests still running when the drain timeout expires.
  private static let refusalTime = Duration.seconds(1)

  /// Prepares a server; ``run()`` starts it, once.
  ///
  /// - Parameters:
  ///   - configuration: What it serves, and where.
  ///   - logger: For the server's lines; nil for one of its own.
  ///   - onListening: Called with the port as soon as there is one to connect to.
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
    if let chain = configuration.tlsCertificatePath, let key = configuration.tlsKeyPath {
      certificates = Certificates(chainPath: chain, keyPath: key)
    } else {
      certificates = nil
    }
  }

  /// Reads the files of the certificate and its key again, as a program does on SIGHUP. New connections
  /// use them; if they can't be used the error is logged, and the certificate before is kept.
  ///
  /// Without a call, files that have changed are read within ten seconds.
  public func reloadCertificates() {
    guard let certificates else { return logger.info("no certificate to reload: TLS is not used") }
    certificates.reload(logger)
  }

  /// Ends a graceful shutdown at once, as a program does on a second SIGTERM: requests in flight get 503
  /// instead of the rest of ``ServerConfiguration/drainTimeout``.
  public func hastenShutdown() { haste.continuation.yield() }

  /// Listens, loads the model, and serves until the task is cancelled or its service group shuts down.
  ///
  /// - Throws: ``SwiftletError`` for settings that make no sense together and if the model can't be
  ///   loaded, ``ServerStartError`` for a certificate or key that can't be read, and the system's error
  ///   if it can't listen on the port.
  public func run() async throws {
    try configuration.check()
    warnOfLimits()
    // A group of its own, which can be told to end where there is no model to serve.
    let http = ServiceGroup(
      configuration: ServiceGroupConfiguration(services: [try application()], logger: logger))
    var failure: SwiftletError?
    var isTelling = false
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
      group.addTask { await drainingTooLong() }
      group.addTask { await hastened() }
      group.addTask { await maintain() }
      defer { group.cancelAll() }
      while let event = try await group.next() {
        switch event {
        case .loaded: continue
        case .failed(let error):
          failure = error
          await http.triggerGracefulShutdown()
          group.addTask { await Self.tellingLongEnough() }
        case .ended: return
        case .drainedTooLong:
          guard !isTelling else { continue }
          isTelling = true
          logger.warning("requests are still in flight; ending them")
          // They are told so first: a closed connection would not say whether to try again.
          (try? state.serving())?.queue.stop()
          group.addTask { await Self.tellingLongEnough() }
        case .toldLongAgo:
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

  /// Checks that the system starts the threads that a server needs at least: those of the connections,
  /// those of Swift's tasks, and one of the engine. SwiftNIO and Swift's runtime end the process, or
  /// wait without end, where they get none.
  ///
  /// - Throws: ``SwiftletError/engine(reason:)``.
  package static func checkThreads() throws(SwiftletError) {
    do throws(KernelsError) {
      try ThreadReserve.check(2 * System.coreCount + 4, bytes: startBytes)
    } catch {
      throw SwiftletError(error)
    }
  }

  /// What SwiftNIO and Swift's runtime take for a server without a model, in objects that can't report
  /// a refusal.
  private static let startBytes = 32 << 20

  private enum Event: Sendable {
    case loaded, ended, drainedTooLong, toldLongAgo, cancelled
    case failed(SwiftletError)
  }

  /// Waits for ``refusalTime``.
  private static func tellingLongEnough() async -> Event {
    try? await Task.sleep(for: refusalTime)
    return .toldLongAgo
  }

  /// The HTTP side alone; it answers 503 until ``load()`` has been called.
  func application() throws(ServerStartError) -> some ApplicationProtocol {
    Application(
      responder: ServerResponder(
        configuration, state: state, connections: connections, log: log),
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

  /// Loads the model and computes its longest text, on a thread of its own. Returns at once if the task
  /// is cancelled.
  func load() async throws(SwiftletError) {
    let start = ContinuousClock.now
    let (results, result) = AsyncStream<Result<ServedModel, SwiftletError>>.makeStream()
    let work = { @Sendable [configuration] in
      _ = result.yield(
        Result { () throws(SwiftletError) in
          let model = try ServedModel(configuration)
          try model.warmUp()
          return model
        })
    }
    if startThread(work) != 0 { work() }
    var iterator = results.makeAsyncIterator()
    // nil if the task is cancelled: the server was stopped, or another program has the port. Loading
    // can take long, so the server does not wait for its thread.
    guard let loaded = await iterator.next() else { return }
    let model = try loaded.get()
    guard !Task.isCancelled else { return }
    state.load(Serving(configuration, model))
    logger.info(
      "ready",
      metadata: [
        "address": "\(address)", "model": "\(configuration.modelDirectory)",
        "kind": "\(model.kind)", "precision": "\(model.precision)",
        "threads": "\(model.threadCount)", "instructions": "\(model.instructionSet)",
        "took": "\(ContinuousClock.now - start)",
      ])
    if model.kind != .embedding, configuration.concernsEmbeddings {
      logger.warning(
        "the model makes no embeddings: pooling, prompts and TASK have no effect")
    }
    if !model.unusedTensors.isEmpty {
      logger.warning(
        "the checkpoint has tensors that nothing reads",
        metadata: ["tensors": "\(model.unusedTensors.prefix(8).joined(separator: ", "))"])
    }
  }

  /// Where clients find the server.
  private var address: String {
    let scheme = configuration.tlsCertificatePath == nil ? "http" : "https"
    let name = configuration.hostname
    let host = name.contains(":") ? "[\(name)]" : name
    return "\(scheme)://\(host):\(state.port ?? configuration.port)"
  }

  /// Waits for the order to shut down, and then as long as requests in flight may take.
  private func drainingTooLong() async -> Event {
    do {
      try await gracefulShutdown()
      state.drain()
      logger.info("shutting down: no new connections, requests in flight are answered")
      try await Task.sleep(for: .seconds(configuration.drainTimeout))
      return .drainedTooLong
    } catch {
      return .cancelled
    }
  }
}

// MARK: Beside requests

extension SwiftletServer {
  /// Waits for ``hastenShutdown()``.
  private func hastened() async -> Event {
    for await _ in haste.stream { return .drainedTooLong }
    return .cancelled
  }

  /// Seconds between two looks at the certificate's files.
  private static let certificateInterval = 10

  /// What is done every few seconds, until the server ends.
  private func maintain() async -> Event {
    let trimmer = MemoryTrimmer()
    var second = 0
    while (try? await Task.sleep(for: .seconds(1))) != nil {
      second += 1
      if second % LogSampler.period == 0 { log.reportLeftOut() }
      if second % Self.certificateInterval == 0 { certificates?.reloadIfChanged(logger) }
      trimmer.trimIfNeeded(heldBytes: (try? state.serving())?.bodies.used ?? 0)
    }
    log.reportLeftOut()
    return .cancelled
  }
}
#endif
