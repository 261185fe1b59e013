import ArgumentParser

#if Server
import Glibc
import Logging
import ServiceLifecycle
import SwiftletServer
import SwiftletSystem
import SwiftletWeights
import UnixSignals

/// `swiftlet-server`: reads flags and variables, and serves until it is stopped.
@main
struct SwiftletServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet-server",
    abstract:
      "Serve DistilBERT and BERT models over HTTP, compatible with text-embeddings-inference.",
    discussion: """
      Every flag is also an environment variable, in capitals with underscores: --port is PORT. \
      A flag overrides its variable.

        swiftlet-server
        swiftlet-server --model-id path/to/model --port 8080 --precision int8
        swiftlet-server --model-id sentence-transformers/all-MiniLM-L6-v2
        swiftlet-server --model-id mood=path/to/model \\
          --model-id rank=path/to/reranker
        API_KEY=secret MODEL_ID=path/to/model swiftlet-server --json-output

        curl localhost:3000/predict -H 'Content-Type: application/json' \\
          -d '{"inputs":"I loved it."}'

      SIGTERM and SIGINT stop the server after it has answered the requests in flight; a second one \
      stops it at once. SIGHUP reloads the certificate, and the models whose folders have changed.

      Exit status: 0 stopped by a signal, 64 wrong usage, 65 invalid model, 66 missing model, \
      69 address or Hub not available, 70 internal error, 73 cache not writable, 78 invalid \
      certificate.
      """,
    version: SwiftletServer.version)

  @OptionGroup var arguments: ServerArguments

  func run() async throws {
    var settings = ServerSettings(flags: arguments.given) { name in
      getenv(name).map { String(cString: $0) }
    }
    #if Hub
    var configuration = try ServerConfiguration(
      settings: &settings, bundledModel: BundledModel.sentimentDirectory,
      isRepository: HubModel.isRepository)
    #else
    let configuration = try ServerConfiguration(
      settings: &settings, bundledModel: BundledModel.sentimentDirectory)
    #endif
    Self.raiseDescriptorLimit()
    ServerTelemetry.bootstrap(configuration)
    let logger = Logger(label: "swiftlet-server")
    for warning in settings.warnings { logger.warning("\(warning)") }
    #if Hub
    try await HubModel.download(into: &configuration, settings, logger)
    #endif
    do {
      try await serve(configuration, logger)
    } catch {
      throw ServerStartError(error, configuration: configuration)
    }
  }

  /// Raises the limit of open files, and so of connections, to the maximum; shells start with 1024.
  private static func raiseDescriptorLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 1 << 20))
    setrlimit(resource, &limit)
  }

  /// Serves until a signal arrives; the server ends the requests in flight within its drain
  /// timeout.
  private func serve(_ configuration: ServerConfiguration, _ logger: Logger) async throws {
    let server = SwiftletServer(configuration: configuration)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(
            service: server, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .cancelGroup)
        ], logger: logger))
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        var isStopping = false
        for await signal in signals {
          switch signal {
          case .sighup:
            server.reloadCertificates()
            // Loading takes seconds, and further signals must not wait for it.
            Task { await server.reloadModels() }
          case _ where isStopping:
            logger.info("\(signal) again: requests in flight are ended")
            server.hastenShutdown()
          default:
            isStopping = true
            logger.info("\(signal): stopping")
            await group.triggerGracefulShutdown()
          }
        }
      }
      tasks.addTask { try await group.run() }
      // The signals end only when they are cancelled.
      defer { tasks.cancelAll() }
      try await tasks.next()
    }
  }

  /// Runs on the main thread, so that the checks before the first `await` need no other thread.
  @MainActor
  static func main() async {
    MemoryReserve.shareHeapIfLimited()
    do {
      try SwiftletServer.checkThreads()
      guard let arguments = ProcessArguments.current() else {
        throw ServerStartError.other(
          reason: "cannot read the arguments: /proc is not mounted, and the loader does not pass "
            + "them; mount /proc")
      }
      var command = try parseAsRoot(Array(arguments.dropFirst()))
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      ServerTelemetry.flush()
    } catch {
      end(CommandEnd(error))
    }
  }

  private static func end(_ end: CommandEnd) -> Never {
    if end.status == 0 {
      var text = end.text
      _ = text.withUTF8 { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    } else {
      ServerTelemetry.report(end.text, message: end.message, asJSON: asksForJSON)
      ServerTelemetry.flush()
    }
    Glibc.exit(end.status)
  }

  /// Whether errors are written as JSON, even if the other arguments are not valid.
  private static var asksForJSON: Bool {
    let flag = "--json-output"
    let arguments = (ProcessArguments.current() ?? []).dropFirst()
    var values = arguments.filter { $0.hasPrefix(flag + "=") }.map { $0.dropFirst(flag.count + 1) }
    if let index = arguments.firstIndex(of: flag) {
      let next = arguments[(index + 1)...].first ?? "true"
      values.append(next.hasPrefix("-") ? "true" : next[...])
    }
    let settings = ServerSettings(
      flags: values.isEmpty ? [:] : ["json-output": values.map { String($0) }]
    ) { name in getenv(name).map { String(cString: $0) } }
    return (try? settings.value("json-output", .bool)) ?? false
  }
}
#else
/// The program without the trait Server; it throws an error that names the trait.
@main
struct SwiftletServerCommand: ParsableCommand {
  func run() throws {
    throw ValidationError(
      "this program was built without its server; build it with --traits Server")
  }
}
#endif
