#if Server
import Logging
import Tracing

/// What a program whose only business is the server sets up once, before it makes one.
public enum ServerTelemetry {
  /// Has all logs written to standard error as the configuration says, with the ids of a request's
  /// trace. At most once in a process, as swift-log and swift-distributed-tracing demand; a program
  /// with back ends of its own leaves it out.
  public static func bootstrap(_ configuration: ServerConfiguration) {
    let (level, isJSON) = (configuration.logLevel, configuration.jsonLogs)
    LoggingSystem.bootstrap(
      { label, provider in
        ServerLogHandler(label: label, level: level, isJSON: isJSON, metadataProvider: provider)
      }, metadataProvider: TraceContextInstrument.metadataProvider)
    InstrumentationSystem.bootstrap(TraceContextInstrument())
  }
}
#endif
