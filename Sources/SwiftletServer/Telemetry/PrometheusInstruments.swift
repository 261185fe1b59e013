#if Server
import Metrics
import Synchronization

/// A series of a family: the values of one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
  /// Appends the series' lines, or none before the first value. `labels` has no braces.
  func render(name: String, labels: String, into text: inout String)
}

/// A sum that only grows.
final class PrometheusCounter: CounterHandler, FloatingPointCounterHandler, PrometheusSeries {
  private let value = Mutex<Double?>(nil)

  func increment(by amount: Int64) { increment(by: Double(amount)) }

  func increment(by amount: Double) { value.withLock { $0 = ($0 ?? 0) + amount } }

  func reset() { value.withLock { $0 = 0 } }

  func render(name: String, labels: String, into text: inout String) {
    guard let value = value.withLock({ $0 }) else { return }
    text += PrometheusText.line(name, labels, value)
  }
}

/// A value that goes up and down.
final class PrometheusGauge: MeterHandler, RecorderHandler, PrometheusSeries {
  private let value = Mutex<Double?>(nil)

  func set(_ value: Int64) { set(Double(value)) }

  func set(_ value: Double) { self.value.withLock { $0 = value } }

  func record(_ value: Int64) { set(Double(value)) }

  func record(_ value: Double) { set(value) }

  func increment(by amount: Double) { value.withLock { $0 = ($0 ?? 0) + amount } }

  func decrement(by amount: Double) { increment(by: -amount) }

  func render(name: String, labels: String, into text: inout String) {
    guard let value = value.withLock({ $0 }) else { return }
    text += PrometheusText.line(name, labels, value)
  }
}

/// Counts values by bucket. The values of a timer are in seconds.
final class PrometheusHistogram: RecorderHandler, TimerHandler, PrometheusSeries {
  private struct State {
    /// One for each bound, and one for larger values.
    var counts: [UInt64]
    var sum = 0.0
  }

  /// Ascending; a value belongs to the first bucket whose bound it does not exceed.
  private let bounds: [Double]
  private let state: Mutex<State>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard value.isFinite else { return }
    let bucket = bucket(of: value)
    state.withLock { state in
      state.counts[bucket] += 1
      state.sum += value
    }
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  private func bucket(of value: Double) -> Int {
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func render(name: String, labels: String, into text: inout String) {
    let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
    let total = counts.reduce(0, +)
    guard total > 0 else { return }
    let prefix = labels.isEmpty ? "" : labels + ","
    var below: UInt64 = 0
    for (bound, count) in zip(bounds, counts) {
      below += count
      let label = "\(prefix)le=\"\(PrometheusText.number(bound))\""
      text += PrometheusText.line(name + "_bucket", label, Double(below))
    }
    text += PrometheusText.line(name + "_bucket", prefix + "le=\"+Inf\"", Double(total))
    text += PrometheusText.line(name + "_sum", labels, sum)
    text += PrometheusText.line(name + "_count", labels, Double(total))
  }
}
#endif
