#if Server
import Metrics

/// Whether a request has one input or a list of them.
enum RequestMethod: String, CaseIterable, Sendable {
  case single, batch
}

/// The task of an input; ranks are predictions.
enum InputTask: String, CaseIterable, Sendable {
  case embed, predict
}

/// Why a request, or one of its inputs, failed.
enum RequestFailure: String, CaseIterable, Sendable {
  case batchSize = "batch_size"
  case dropped, inference
  case missingValues = "missing_values"
  case modelType = "model_type"
  case overloaded, tokenization, validation
}

/// The durations of an input's stages; for a request, the means over its inputs.
struct StageDurations: Equatable, Sendable {
  var total = Duration.zero
  var tokenization = Duration.zero
  var queue = Duration.zero
  var inference = Duration.zero
}

/// The server's events as metrics, under the names of text-embeddings-inference.
///
/// They are recorded through swift-metrics: in the registry of `/metrics`, and in the program's own
/// back end if it has bootstrapped one. Every method may be called from any thread, and takes less
/// than a microsecond for each series.
final class ServerMetrics: Sendable {
  /// The descriptions of the families.
  private static let help: [String: String] = {
    var help = [
      "te_request_count": "Requests of the model's routes whose inputs were read.",
      "te_request_success": "Requests that were answered.",
      "te_request_failure": "Requests that were refused or failed, by the kind of error.",
      "te_request_input_length": "Tokens of an input, after truncation.",
      "te_queue_size": "Inputs that wait for the model.",
      "te_batch_next_size": "Inputs in a batch.",
      "te_batch_next_tokens": "Tokens in a batch.",
    ]
    for task in InputTask.allCases {
      help["te_\(task)_count"] = "Inputs of the task \(task)."
      help["te_\(task)_success"] = "Inputs of the task \(task) that were answered."
    }
    for (series, subject) in [("te_request", "requests")]
      + InputTask.allCases.map({ ("te_\($0)", "inputs of the task \($0)") })
    {
      help["\(series)_duration"] = "Total seconds of \(subject)."
      help["\(series)_tokenization_duration"] = "Seconds of tokenization of \(subject)."
      help["\(series)_queue_duration"] = "Seconds of \(subject) in the queue."
      help["\(series)_inference_duration"] = "Seconds of \(subject) in the model."
    }
    return help
  }()

  private struct Stages: Sendable {
    let total: Timer
    let tokenization: Timer
    let queue: Timer
    let inference: Timer

    init(_ prefix: String, _ factory: any MetricsFactory) {
      total = Timer(label: "\(prefix)_duration", factory: factory)
      tokenization = Timer(label: "\(prefix)_tokenization_duration", factory: factory)
      queue = Timer(label: "\(prefix)_queue_duration", factory: factory)
      inference = Timer(label: "\(prefix)_inference_duration", factory: factory)
    }

    func record(_ durations: StageDurations) {
      total.recordNanoseconds(durations.total.nanoseconds)
      tokenization.recordNanoseconds(durations.tokenization.nanoseconds)
      queue.recordNanoseconds(durations.queue.nanoseconds)
      inference.recordNanoseconds(durations.inference.nanoseconds)
    }
  }

  private struct Task: Sendable {
    let count: Counter
    let success: Counter
    let stages: Stages

    init(_ task: InputTask, _ factory: any MetricsFactory) {
      count = Counter(label: "te_\(task)_count", factory: factory)
      success = Counter(label: "te_\(task)_success", factory: factory)
      stages = Stages("te_\(task)", factory)
    }
  }

  private let registry: PrometheusRegistry
  private let requests: [RequestMethod: Counter]
  private let successes: [RequestMethod: Counter]
  private let failures: [RequestFailure: Counter]
  private let requestStages: Stages
  private let embed: Task
  private let predict: Task
  private let inputLength: Recorder
  private let queueSize: Meter
  private let batchSize: Recorder
  private let batchTokens: Recorder

  /// - Parameters:
  ///   - maxInputLength: The maximum number of tokens of an input, where the buckets of lengths
  ///     end.
  ///   - labels: Put into every series.
  init(maxInputLength: Int, labels: [(String, String)] = []) {
    registry = PrometheusRegistry(
      bounds: [
        "te_request_input_length": Self.powersOfTwo(19).filter {
          $0 <= Double(maxInputLength)
        },
        "te_batch_next_size": Self.powersOfTwo(12),
        "te_batch_next_tokens": Self.powersOfTwo(20),
      ], help: Self.help, commonLabels: labels)
    let global = MetricsSystem.factory
    let factory: any MetricsFactory =
      global is NOOPMetricsHandler
      ? registry : MultiplexMetricsHandler(factories: [registry, global])
    requests = Self.counters("te_request_count", "method", factory)
    successes = Self.counters("te_request_success", "method", factory)
    failures = Self.counters("te_request_failure", "err", factory)
    requestStages = Stages("te_request", factory)
    embed = Task(.embed, factory)
    predict = Task(.predict, factory)
    inputLength = Recorder(label: "te_request_input_length", factory: factory)
    queueSize = Meter(label: "te_queue_size", factory: factory)
    batchSize = Recorder(label: "te_batch_next_size", factory: factory)
    batchTokens = Recorder(label: "te_batch_next_tokens", factory: factory)
  }

  /// The page for Prometheus; its content type is ``contentType``.
  func page() -> String { registry.render() + ProcessMetrics.render() }

  static let contentType = PrometheusText.contentType

  // MARK: Requests

  func requestCounted(_ method: RequestMethod) { requests[method]?.increment() }

  func requestSucceeded(_ method: RequestMethod, _ durations: StageDurations) {
    successes[method]?.increment()
    requestStages.record(durations)
  }

  func requestFailed(_ failure: RequestFailure) { failures[failure]?.increment() }

  // MARK: Inputs

  func inputCounted(_ task: InputTask) { series(task).count.increment() }

  func inputSucceeded(_ task: InputTask, _ durations: StageDurations) {
    series(task).success.increment()
    series(task).stages.record(durations)
  }

  /// Records the number of tokens of an input.
  func inputLength(_ tokens: Int) { inputLength.record(tokens) }

  private func series(_ task: InputTask) -> Task {
    switch task {
    case .embed: embed
    case .predict: predict
    }
  }

  // MARK: The queue

  /// Records the number of inputs that wait in the queue.
  func queueSize(_ count: Int) { queueSize.set(count) }

  /// Records a batch that leaves the queue.
  func batchFormed(size: Int, tokens: Int) {
    batchSize.record(size)
    batchTokens.record(tokens)
  }

  // MARK: Making series

  private static func counters<Key: RawRepresentable<String> & CaseIterable & Hashable>(
    _ name: String, _ label: String, _ factory: any MetricsFactory
  ) -> [Key: Counter] {
    var counters: [Key: Counter] = [:]
    for key in Key.allCases {
      counters[key] = Counter(label: name, dimensions: [(label, key.rawValue)], factory: factory)
    }
    return counters
  }

  private static func powersOfTwo(_ last: Int) -> [Double] { (0...last).map { Double(1 << $0) } }
}

extension Duration {
  /// Whole nanoseconds, clamped to 64 bits.
  fileprivate var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflows) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return isTooLong || overflows ? .max : sum
  }
}
#endif
