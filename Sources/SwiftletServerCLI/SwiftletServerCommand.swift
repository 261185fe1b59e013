import ArgumentParser

#if Server
import Glibc
import Logging
import ServiceLifecycle
import SwiftletMemory
import SwiftletServer
import SwiftletWeights
import UnixSignals

/// `swiftlet-server`: reads flags and variables, and serves until it is told to stop.
@main
struct SwiftletServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet-server",
    abstract:
      "Serve a DistilBERT or BERT model over HTTP, compatible with text-embeddings-inference.",
    discussion: """
      Every flag is a variable too, in capitals with underscores: --port is PORT. The flag counts \
      over the variable.

        swiftlet-server
        swiftlet-server --model-id path/to/model --port 8080 --precision int8
        API_KEY=secret MODEL_ID=path/to/model swiftlet-server --json-output

        curl localhost:3000/predict -H 'Content-Type: application/json' \\
          -d '{"inputs":"I loved it."}'

      SIGTERM and SIGINT stop it once the requests in flight are answered.

      Exit status: 0 stopped as asked, 64 wrong usage, 65 bad model, 66 missing model, 69 the \
      address can't be had, 70 internal error, 78 bad certificate.
      """,
    version: SwiftletServer.version)

  @OptionGroup var arguments: ServerArguments

  func run() async throws {
    var settings = ServerSettings(flags: arguments.given) { name in
      getenv(name).map { String(cString: $0) }
    }
    let configuration = try ServerConfiguration(
      settings: &settings, bundledModel: BundledModel.sentimentDirectory)
    Self.raiseDescriptorLimit()
    ServerTelemetry.bootstrap(configuration)
    let logger = Logger(label: "swiftlet-server")
    for warning in settings.warnings { logger.warning("\(warning)") }
    do {
      try await serve(configuration, logger)
    } catch {
      throw ServerStartError(error, configuration: configuration)
    }
  }

  /// As many connections as the system allows: shells begin with 1024 files and sockets.
  private static func raiseDescriptorLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 1 << 20))
    setrlimit(resource, &limit)
  }

  /// Serves until a signal comes; the server itself ends what is in flight in the time it is given.
  private func serve(_ configuration: ServerConfiguration, _ logger: Logger) async throws {
    let server = SwiftletServer(configuration: configuration)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(
            service: server, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .cancelGroup)
        ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
  }

  /// On the main thread, so that what is checked before the first `await` needs no other.
  @MainActor
  static func main() async {
    MemoryReserve.shareHeapIfLimited()
    do {
      try SwiftletServer.checkThreads()
      guard let arguments = ProcessArguments.current() else {
        throw ServerStartError.other(
          reason: "the arguments can't be read: /proc is not mounted, and the loader does not tell "
            + "them; mount /proc")
      }
      var command = try parseAsRoot(Array(arguments.dropFirst()))
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      let end = CommandEnd(error)
      var text = end.text
      let output = end.status == 0 ? STDOUT_FILENO : STDERR_FILENO
      _ = text.withUTF8 { write(output, $0.baseAddress, $0.count) }
      Glibc.exit(end.status)
    }
  }
}
#else
/// What is built without the trait: there is no server to start.
@main
struct SwiftletServerCommand: ParsableCommand {
  func run() throws {
    throw ValidationError(
      "this program was built without its server; build it with --traits Server")
  }
}
#endif
