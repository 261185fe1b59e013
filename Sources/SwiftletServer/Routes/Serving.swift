#if Server
import Glibc
import Swiftlet

/// A loaded model with its queue, its metrics and its memory budgets.
struct Serving: Sendable {
  let configuration: ServerConfiguration
  let model: ServedModel
  let queue: InferenceQueue
  let metrics: ServerMetrics
  let info: ServerInfo
  let responseMemory = ResponseMemoryBudget()
  let bodies = BodyBudget()
  /// When the model was loaded, in seconds since 1970.
  let created = Int(time(nil))

  init(_ configuration: ServerConfiguration, _ model: ServedModel) {
    let metrics = ServerMetrics(maxInputLength: model.maxInputLength)
    let limits = InferenceQueue.Limits(
      concurrentInputs: configuration.maxConcurrentRequests,
      passTokens: min(InferenceQueue.Limits().passTokens, configuration.maxBatchTokens),
      passInputs: configuration.maxBatchRequests ?? .max, workers: model.threadCount,
      timeout: .seconds(configuration.requestTimeout))
    self.configuration = configuration
    self.model = model
    self.metrics = metrics
    info = ServerInfo(configuration, model)
    queue = InferenceQueue(
      limits: limits, metrics: metrics, submit: { model.submit($0) },
      compute: { (batch, kind) throws(ServerError) in try model.rows(of: batch, kind) })
  }

  /// The request's treatment of long texts, or else the configuration's.
  func truncationPolicy(_ truncate: Bool?, _ direction: TruncationDirection) -> TruncationPolicy {
    TruncationPolicy(truncates: truncate ?? configuration.autoTruncate, side: direction.side)
  }

  /// - Throws: ``ServerError/batchTooLarge(_:maximum:)``.
  func check(batchSize: Int) throws(ServerError) {
    guard batchSize <= configuration.maxClientBatchSize else {
      throw .batchTooLarge(batchSize, maximum: configuration.maxClientBatchSize)
    }
  }
}
#endif
