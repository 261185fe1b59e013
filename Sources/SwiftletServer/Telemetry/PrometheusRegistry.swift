#if Server
import Metrics
import Synchronization

/// A back end of swift-metrics for the page `/metrics`.
///
/// A family appears after its first value, as in text-embeddings-inference. The code bounds the
/// number of series: labels never have a client's text.
final class PrometheusRegistry: MetricsFactory {
  private struct Family {
    let kind: PrometheusText.Kind
    var series: [(labels: String, series: any PrometheusSeries)] = []
  }

  private struct State {
    var names: [String] = []
    var families: [String: Family] = [:]
  }

  private let state = Mutex(State())
  private let bounds: [String: [Double]]
  private let help: [String: String]

  /// - Parameters:
  ///   - bounds: The buckets of histograms by name; the default is ``durationBounds``.
  ///   - help: The descriptions of families by name.
  init(bounds: [String: [Double]] = [:], help: [String: String] = [:]) {
    self.bounds = bounds
    self.help = help
  }

  /// Seconds, from 15 microseconds to 14.6 seconds, each bound 1.5 times the previous one.
  static let durationBounds: [Double] = {
    var bounds: [Double] = []
    var bound = 1e-5
    for _ in 1...35 {
      bound *= 1.5
      bounds.append(bound)
    }
    return bounds
  }()

  /// All families in the order of their first use, in Prometheus' text format.
  func render() -> String { Self.render([self]) }

  /// The families of several registries; those with the same name and kind become one.
  static func render(_ registries: [PrometheusRegistry]) -> String {
    var families: [(name: String, kind: PrometheusText.Kind, help: String?, lines: String)] = []
    for registry in registries {
      for (name, family) in registry.state.withLock({ state in
        state.names.compactMap { name in state.families[name].map { (name, $0) } }
      }) {
        var lines = ""
        for (labels, series) in family.series {
          series.render(name: name, labels: labels, into: &lines)
        }
        if let place = families.firstIndex(where: { $0.name == name && $0.kind == family.kind }) {
          families[place].lines += lines
        } else {
          families.append((name, family.kind, registry.help[name], lines))
        }
      }
    }
    return families.filter { !$0.lines.isEmpty }.reduce(into: "") { text, family in
      text += PrometheusText.head(family.name, family.kind, help: family.help) + family.lines + "\n"
    }
  }

  /// The series of a name and labels, created on first use. If the name already has another kind,
  /// the new series is not exported: no scraper could read the page.
  private func series<Series: PrometheusSeries>(
    _ label: String, _ dimensions: [(String, String)], _ kind: PrometheusText.Kind,
    make: () -> Series
  ) -> Series {
    let name = PrometheusText.name(label)
    let labels = PrometheusText.labels(dimensions)
    return state.withLock { state in
      var family = state.families[name] ?? Family(kind: kind)
      guard family.kind == kind else { return make() }
      if let known = family.series.first(where: { $0.labels == labels }) {
        return known.series as? Series ?? make()
      }
      let series = make()
      if family.series.isEmpty { state.names.append(name) }
      family.series.append((labels, series))
      state.families[name] = family
      return series
    }
  }

  private func histogram(_ label: String, _ dimensions: [(String, String)]) -> PrometheusHistogram {
    series(label, dimensions, .histogram) {
      PrometheusHistogram(bounds: bounds[label] ?? Self.durationBounds)
    }
  }

  // MARK: MetricsFactory

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter) { PrometheusCounter() }
  }

  func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions, .counter) { PrometheusCounter() }
  }

  func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge) { PrometheusGauge() }
  }

  func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else { return series(label, dimensions, .gauge) { PrometheusGauge() } }
    return histogram(label, dimensions)
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions)
  }

  // Counts stay: Prometheus expects a series to exist as long as its process.
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}
#endif
