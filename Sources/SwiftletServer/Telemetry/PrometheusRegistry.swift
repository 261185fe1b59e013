#if Server
import Metrics
import Synchronization

/// The back end of swift-metrics that keeps what `/metrics` shows.
///
/// A family appears once something was recorded in it, as text-embeddings-inference has it. The
/// number of series is bounded by the code: no label ever holds what a client sent.
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
  /// Put into every series, before its own labels.
  private let commonLabels: [(String, String)]
  private let bounds: [String: [Double]]
  private let help: [String: String]

  /// - Parameters:
  ///   - bounds: The buckets of histograms by their names; all others have those of durations.
  ///   - help: What families mean, by their names.
  ///   - commonLabels: Put into every series, before its own labels.
  init(
    bounds: [String: [Double]] = [:], help: [String: String] = [:],
    commonLabels: [(String, String)] = []
  ) {
    self.bounds = bounds
    self.help = help
    self.commonLabels = commonLabels
  }

  /// Seconds from 15 microseconds to 14.6 seconds, each half as much again as the one before.
  static let durationBounds: [Double] = {
    var bounds: [Double] = []
    var bound = 1e-5
    for _ in 1...35 {
      bound *= 1.5
      bounds.append(bound)
    }
    return bounds
  }()

  /// All families in the order in which they came, in Prometheus' text format.
  func render() -> String {
    let families = state.withLock { state in state.names.map { ($0, state.families[$0]) } }
    var text = ""
    for case (let name, let family?) in families {
      var lines = ""
      for (labels, series) in family.series {
        series.render(name: name, labels: labels, into: &lines)
      }
      guard !lines.isEmpty else { continue }
      text += PrometheusText.head(name, family.kind, help: help[name]) + lines + "\n"
    }
    return text
  }

  /// The series of that name and those labels, made on first use. A name that has another kind
  /// already gets a series that is not exported, rather than a page that no scraper can read.
  private func series<Series: PrometheusSeries>(
    _ label: String, _ dimensions: [(String, String)], _ kind: PrometheusText.Kind,
    make: () -> Series
  ) -> Series {
    let name = PrometheusText.name(label)
    let labels = PrometheusText.labels(commonLabels + dimensions)
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

  // What was counted stays, as Prometheus expects of a process that runs on.
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}
#endif
