#if Server
import Metrics
import Synchronization

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
    return help.merging(DriftMetrics.help) { own, _ in own }
  }()

  private struct Stages: Sendable {
    let total: Timer
    let tokenization: Timer
    let queue: Timer
    let inference: Timer

    init(_ prefix: String, _ maker: SeriesMaker) {
      total = maker.timer("\(prefix)_duration")
      tokenization = maker.timer("\(prefix)_tokenization_duration")
      queue = maker.timer("\(prefix)_queue_duration")
      inference = maker.timer("\(prefix)_inference_duration")
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

    init(_ task: InputTask, _ maker: SeriesMaker) {
      count = maker.counter("te_\(task)_count")
      success = maker.counter("te_\(task)_success")
      stages = Stages("te_\(task)", maker)
    }
  }

  private let registry: PrometheusRegistry
  private let maker: SeriesMaker
  /// The labels of the model's versions that have a histogram.
  private let knownLabels = Mutex<Set<String>>([])
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
      ].merging(DriftMetrics.bounds) { own, _ in own }, help: Self.help)
    maker = SeriesMaker(registry, labels)
    requests = maker.counters("te_request_count", "method")
    successes = maker.counters("te_request_success", "method")
    failures = maker.counters("te_request_failure", "err")
    requestStages = Stages("te_request", maker)
    embed = Task(.embed, maker)
    predict = Task(.predict, maker)
    inputLength = maker.recorder("te_request_input_length")
    queueSize = maker.meter("te_queue_size")
    batchSize = maker.recorder("te_batch_next_size")
    batchTokens = maker.recorder("te_batch_next_tokens")
  }

  /// The page for Prometheus of all models; its content type is ``contentType``.
  static func page(of models: [ServerMetrics]) -> String {
    PrometheusRegistry.render(models.map(\.registry)) + ProcessMetrics.render()
  }

  func page() -> String { Self.page(of: [self]) }

  static let contentType = PrometheusText.contentType

  /// The metrics of what a version with these labels reads and answers.
  func makeDriftMetrics(labels: [String]) -> DriftMetrics {
    DriftMetrics(labels: labels, known: knownLabels, maker)
  }

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
