#if Server
import Metrics

/// Why the server ended a connection before its client did.
enum ConnectionEnd: String, CaseIterable, Sendable {
  case malformed, unsupported
  /// The client closed before its request was complete.
  case incomplete
  case headTooLarge = "head_too_large"
  case slowHead = "slow_head"
  case slowBody = "slow_body"
  case slowReader = "slow_reader"
  /// The server stops, and the body of a request has not arrived.
  case stopping
}

/// The metrics of connections and logs, which exist before a model is loaded.
struct ConnectionMetrics: Sendable {
  private static let endsName = "swiftlet_connections_ended_total"

  private let registry: PrometheusRegistry
  private let ends: [ConnectionEnd: Counter]

  init() {
    let registry = PrometheusRegistry(help: [
      Self.endsName: "Connections that the server ended before their clients did."
    ])
    self.registry = registry
    let global = MetricsSystem.factory
    let factory: any MetricsFactory =
      global is NOOPMetricsHandler
      ? registry : MultiplexMetricsHandler(factories: [registry, global])
    ends = ConnectionEnd.allCases.reduce(into: [:]) { ends, reason in
      ends[reason] = Counter(
        label: Self.endsName, dimensions: [("reason", reason.rawValue)],
        factory: factory)
    }
  }

  func count(_ end: ConnectionEnd) { ends[end]?.increment() }

  func page() -> String {
    registry.render()
      + PrometheusText.family(
        "swiftlet_log_lines_dropped_total", .counter,
        help: "Log lines that were dropped because standard error was blocked.",
        Double(LogWriter.standardError.dropped))
  }
}
#endif
