#if Server
import Metrics
import Testing

@testable import SwiftletServer

@Suite struct MetricsTests {
  @Test func `a metric family appears with its first event`() {
    let metrics = ServerMetrics(maxInputLength: 512)
    #expect(!metrics.page().contains("te_"))
    metrics.requestCounted(.single)
    metrics.requestCounted(.single)
    metrics.requestFailed(.batchSize)
    metrics.queueSize(0)
    let page = metrics.page()
    #expect(
      page.contains("# TYPE te_request_count counter\nte_request_count{method=\"single\"} 2\n\n"))
    #expect(page.contains("te_request_failure{err=\"batch_size\"} 1\n"))
    #expect(page.contains("# TYPE te_queue_size gauge\nte_queue_size 0\n"))
    #expect(!page.contains("method=\"batch\"") && !page.contains("te_request_success"))
  }

  @Test func `every event of the reference is counted under its name`() {
    let metrics = ServerMetrics(maxInputLength: 512)
    let durations = StageDurations(
      total: .milliseconds(4), tokenization: .microseconds(20), queue: .milliseconds(1),
      inference: .milliseconds(2))
    for method in RequestMethod.allCases {
      metrics.requestCounted(method)
      metrics.requestSucceeded(method, durations)
    }
    for failure in RequestFailure.allCases { metrics.requestFailed(failure) }
    for task in InputTask.allCases {
      metrics.inputCounted(task)
      metrics.inputSucceeded(task, durations)
    }
    metrics.inputLength(7)
    metrics.batchFormed(size: 3, tokens: 40)
    metrics.queueSize(5)
    let page = metrics.page()
    for counter in ["te_embed_count", "te_embed_success", "te_predict_count", "te_predict_success"]
    {
      #expect(page.contains("# TYPE \(counter) counter\n\(counter) 1\n"))
    }
    for prefix in ["te_request", "te_embed", "te_predict"] {
      let count = prefix == "te_request" ? 2 : 1
      for stage in ["", "_tokenization", "_queue", "_inference"] {
        #expect(page.contains("# TYPE \(prefix)\(stage)_duration histogram\n"))
        #expect(page.contains("\(prefix)\(stage)_duration_count \(count)\n"))
      }
    }
    #expect(page.contains("te_predict_duration_sum 0.004\n"))
    #expect(page.contains("te_batch_next_tokens_sum 40\n"))
    for error in [
      "batch_size", "dropped", "inference", "missing_values", "model_type", "overloaded",
      "tokenization", "validation",
    ] {
      #expect(page.contains("te_request_failure{err=\"\(error)\"} 1\n"))
    }
    #expect(page.contains("process_resident_memory_bytes "))
  }

  @Test func `buckets are cumulative, include their bound and end with +Inf`() {
    let metrics = ServerMetrics(maxInputLength: 8)
    for length in [1, 2, 3, 8, 9] { metrics.inputLength(length) }
    let name = "te_request_input_length"
    let lines = metrics.page().split(separator: "\n").filter { $0.hasPrefix(name) }
    #expect(
      lines == [
        "\(name)_bucket{le=\"1\"} 1", "\(name)_bucket{le=\"2\"} 2", "\(name)_bucket{le=\"4\"} 3",
        "\(name)_bucket{le=\"8\"} 4", "\(name)_bucket{le=\"+Inf\"} 5", "\(name)_sum 23",
        "\(name)_count 5",
      ])
  }

  @Test func `durations have the reference's 35 buckets`() {
    let bounds = PrometheusRegistry.durationBounds
    #expect(bounds.count == 35 && bounds == bounds.sorted())
    for (index, bound) in bounds.enumerated() {
      var power = 1e-5
      for _ in 0...index { power *= 1.5 }
      #expect(abs(bound - power) <= power * 1e-12)
    }
  }

  @Test func `labels are escaped, names made valid, and a model's labels come first`() {
    let registry = PrometheusRegistry()
    let maker = SeriesMaker(registry, [("model", "a\"b\\c\nd")])
    maker.counter("http.requests-total", [("9x", "1")]).increment()
    maker.meter("temperature").set(1.5)
    #expect(
      registry.render()
        == "# TYPE http_requests_total counter\n"
        + "http_requests_total{model=\"a\\\"b\\\\c\\nd\",_9x=\"1\"} 1\n\n"
        + "# TYPE temperature gauge\ntemperature{model=\"a\\\"b\\\\c\\nd\"} 1.5\n\n")
  }

  @Test func `a name has one kind, and a second one is not shown`() {
    let registry = PrometheusRegistry()
    Counter(label: "a", factory: registry).increment()
    Timer(label: "a", factory: registry).recordNanoseconds(1)
    Counter(label: "a", factory: registry).increment(by: 2)
    #expect(registry.render() == "# TYPE a counter\na 3\n\n")
  }

  @Test func `nothing is lost when many threads record at once`() async {
    let metrics = ServerMetrics(maxInputLength: 512)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 {
            metrics.requestCounted(.batch)
            metrics.inputLength(3)
          }
        }
      }
    }
    let page = metrics.page()
    #expect(page.contains("te_request_count{method=\"batch\"} 8000\n"))
    #expect(page.contains("te_request_input_length_count 8000\n"))
    #expect(page.contains("te_request_input_length_sum 24000\n"))
  }
}
#endif
