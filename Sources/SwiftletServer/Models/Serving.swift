#if Server
import Glibc
import Swiftlet
import SwiftletRuntime

/// What the models of a server share: the threads, and the memory of bodies and responses.
struct SharedResources: Sendable {
  let pool: WorkerPool
  let scheduler: PassScheduler
  let responseMemory = ResponseMemoryBudget()
  let bodies = BodyBudget()

  /// - Parameters:
  ///   - configuration: The limits.
  ///   - pool: The threads, which live as long as the server.
  init(_ configuration: ServerConfiguration, pool: WorkerPool) {
    self.pool = pool
    scheduler = PassScheduler(
      limits: InferenceQueue.Limits(
        concurrentInputs: configuration.maxConcurrentRequests,
        passTokens: min(InferenceQueue.Limits().passTokens, configuration.maxBatchTokens),
        passInputs: configuration.maxBatchRequests ?? .max, workers: pool.threadCount,
        timeout: .seconds(configuration.requestTimeout)),
      submit: { pool.submit($0) })
  }
}

/// A version of a model with its queue and its metrics. Requests hold it until they are answered,
/// so a replaced version is freed after its last one.
struct Serving: Sendable {
  /// The settings of this model; ``ServerConfiguration/additionalModels`` is empty.
  let configuration: ServerConfiguration
  let model: ServedModel
  let queue: InferenceQueue
  let metrics: ServerMetrics
  let drift: DriftMetrics
  let info: ServerInfo
  let shared: SharedResources
  /// When the version was loaded, in seconds since 1970.
  let created = Int(time(nil))

  /// - Parameters:
  ///   - configuration: The settings of this model.
  ///   - model: The model, which computes on the shared threads.
  ///   - shared: What it shares with other models.
  ///   - metrics: The metrics of the model's name.
  ///   - names: The names of the server's models.
  init(
    _ configuration: ServerConfiguration, _ model: ServedModel, _ shared: SharedResources,
    _ metrics: ServerMetrics, names: [String]
  ) {
    self.configuration = configuration
    self.model = model
    self.shared = shared
    self.metrics = metrics
    drift = metrics.makeDriftMetrics(labels: model.labels)
    info = ServerInfo(configuration, model, names: names)
    let engine = PassEngine(metrics: metrics, tokenCost: model.tokenCost) {
      (batch, kind) throws(ServerError) in try model.rows(of: batch, kind)
    }
    queue = InferenceQueue(shared.scheduler, engine)
  }

  var name: String { configuration.servedModelName }
  var responseMemory: ResponseMemoryBudget { shared.responseMemory }
  var bodies: BodyBudget { shared.bodies }

  /// Records the best scores of inputs for the metrics.
  func recordScores(_ rows: [ServedModel.RowScores]) {
    for row in rows {
      if let best = row.best { drift.bestScore(best.score, label: best.label) }
    }
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
