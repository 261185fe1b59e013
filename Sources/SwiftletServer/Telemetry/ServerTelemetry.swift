#if Server
import Logging
import Tracing

/// The process-wide set-up of a program that only runs the server, done once before it creates the
/// server.
public enum ServerTelemetry {
  private static let label = "swiftlet-server"

  /// Sends all logs to standard error in the configured format, with the ids of a request's trace.
  /// A separate thread writes them; if the reader stalls, lines are dropped and counted.
  ///
  /// Call it at most once in a process, as swift-log and swift-distributed-tracing require, and not
  /// in a program that has its own back ends.
  public static func bootstrap(_ configuration: ServerConfiguration) {
    let (level, isJSON) = (configuration.logLevel, configuration.jsonLogs)
    let reporter = ServerLogHandler(label: label, level: level, isJSON: isJSON)
    LogWriter.standardError.reportDrops { count in
      reporter.line(
        of: LogEvent(
          level: .warning, message: "log lines were dropped because standard error was blocked",
          metadata: ["dropped": .stringConvertible(count)], source: nil, file: #fileID,
          function: #function, line: #line))
    }
    LoggingSystem.bootstrap(
      { label, provider in
        ServerLogHandler(label: label, level: level, isJSON: isJSON, metadataProvider: provider)
      }, metadataProvider: TraceContextInstrument.metadataProvider)
    InstrumentationSystem.bootstrap(TraceContextInstrument())
  }

  /// Waits until all lines are written, at most a second. Call it before the process ends.
  public static func flush() { LogWriter.standardError.flush(within: .seconds(1)) }

  /// Writes the error that ends the program to standard error, as text or as a line of JSON.
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
