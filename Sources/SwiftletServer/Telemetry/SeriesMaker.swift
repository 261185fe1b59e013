#if Server
import Metrics

/// Makes the series of a model: in the registry of `/metrics`, and in the program's own back end if
/// it has bootstrapped one. All have the model's labels, before their own.
struct SeriesMaker: Sendable {
  private let factory: any MetricsFactory
  private let labels: [(String, String)]

  init(_ registry: PrometheusRegistry, _ labels: [(String, String)]) {
    let global = MetricsSystem.factory
    factory =
      global is NOOPMetricsHandler
      ? registry : MultiplexMetricsHandler(factories: [registry, global])
    self.labels = labels
  }

  func counter(_ name: String, _ own: [(String, String)] = []) -> Counter {
    Counter(label: name, dimensions: labels + own, factory: factory)
  }

  /// A counter for each key, with the key as `label`.
  func counters<Key: RawRepresentable<String> & CaseIterable & Hashable>(
    _ name: String, _ label: String
  ) -> [Key: Counter] {
    Key.allCases.reduce(into: [:]) { counters, key in
      counters[key] = counter(name, [(label, key.rawValue)])
    }
  }

  func recorder(_ name: String, _ own: [(String, String)] = []) -> Recorder {
    Recorder(label: name, dimensions: labels + own, factory: factory)
  }

  func timer(_ name: String) -> Timer {
    Timer(label: name, dimensions: labels, factory: factory)
  }

  func meter(_ name: String) -> Meter {
    Meter(label: name, dimensions: labels, factory: factory)
  }
}
#endif
