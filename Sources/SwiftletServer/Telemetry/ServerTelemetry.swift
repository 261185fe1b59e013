#if Server
import Logging
import Tracing

/// What a program whose only business is the server sets up once, before it makes one.
public enum ServerTelemetry {
  private static let label = "swiftlet-server"

  /// Has all logs written to standard error as the configuration says, with the ids of a request's
  /// trace. A thread of its own writes them; if the reader stalls, lines are dropped and counted.
  ///
  /// At most once in a process, as swift-log and swift-distributed-tracing demand. A program with back
  /// ends of its own does not call it.
  public static func bootstrap(_ configuration: ServerConfiguration) {
    let (level, isJSON) = (configuration.logLevel, configuration.jsonLogs)
    let reporter = ServerLogHandler(label: label, level: level, isJSON: isJSON)
    LogWriter.standardError.reportDrops { count in
      reporter.line(
        of: LogEvent(
          level: .warning, message: "log lines were dropped, because standard error took no more",
          metadata: ["dropped": .stringConvertible(count)], source: nil, file: #fileID,
          function: #function, line: #line))
    }
    LoggingSystem.bootstrap(
      { label, provider in
        ServerLogHandler(label: label, level: level, isJSON: isJSON, metadataProvider: provider)
      }, metadataProvider: TraceContextInstrument.metadataProvider)
    InstrumentationSystem.bootstrap(TraceContextInstrument())
  }

  /// Waits until all lines are written, a second at most. To be called before the process ends.
  public static func flush() { LogWriter.standardError.flush(within: .seconds(1)) }

  /// Writes the error that ends the program to standard error: as it is, or as a line of JSON.
  package static func report(_ text: String, message: String, asJSON: Bool) {
    if asJSON {
      Logger(label: label) { ServerLogHandler(label: $0, level: .error, isJSON: true) }
        .error("\(message)")
    } else {
      LogWriter.standardError.write(Array(text.utf8))
    }
  }
}
#endif
