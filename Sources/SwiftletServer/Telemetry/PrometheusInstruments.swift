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
  private let total = AtomicTotal()

  func increment(by amount: Int64) { increment(by: Double(amount)) }

  func increment(by amount: Double) { total.add(amount) }

  func reset() { total.set(0) }

  func render(name: String, labels: String, into text: inout String) {
    guard let value = total.value else { return }
    text += PrometheusText.line(name, labels, value)
  }
}

/// A value that goes up and down.
final class PrometheusGauge: MeterHandler, RecorderHandler, PrometheusSeries {
  private let total = AtomicTotal()

  func set(_ value: Int64) { set(Double(value)) }

  func set(_ value: Double) { total.set(value) }

  func record(_ value: Int64) { set(Double(value)) }

  func record(_ value: Double) { set(value) }

  func increment(by amount: Double) { total.add(amount) }

  func decrement(by amount: Double) { increment(by: -amount) }

  func render(name: String, labels: String, into text: inout String) {
    guard let value = total.value else { return }
    text += PrometheusText.line(name, labels, value)
  }
}

/// Counts values by bucket. The values of a timer are in seconds.
///
/// Recording takes no lock, so a page may have a value in its bucket and not yet in the sum.
final class PrometheusHistogram: RecorderHandler, TimerHandler, PrometheusSeries,
  @unchecked Sendable
{
  /// Ascending; a value belongs to the first bucket whose bound it does not exceed.
  private let bounds: [Double]
  /// One for each bound, and one for larger values.
  private let counts: UnsafeMutablePointer<Atomic<UInt64>>
  private let sum = AtomicTotal()

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = .allocate(capacity: bounds.count + 1)
    for place in 0...bounds.count { (counts + place).initialize(to: Atomic(0)) }
  }

  deinit {
    counts.deinitialize(count: bounds.count + 1)
    counts.deallocate()
  }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    guard value.isFinite else { return }
    counts[bucket(of: value)].wrappingAdd(1, ordering: .relaxed)
    sum.add(value)
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
    let counts = (0...bounds.count).map { self.counts[$0].load(ordering: .relaxed) }
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
    text += PrometheusText.line(name + "_sum", labels, sum.value ?? 0)
    text += PrometheusText.line(name + "_count", labels, Double(total))
  }
}
#endif
