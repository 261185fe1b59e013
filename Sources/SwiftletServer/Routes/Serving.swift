#if Server
import Glibc
import Swiftlet
import Synchronization

/// A loaded model with its queue, its numbers, and the texts that don't change any more.
struct Serving: Sendable {
  let configuration: ServerConfiguration
  let model: ServedModel
  let queue: InferenceQueue
  let metrics: ServerMetrics
  let info: ServerInfo
  let longAnswers = AnswerBudget()
  let bodies = BodyBudget()
  /// When the model was loaded, in seconds since 1970.
  let created = Int(time(nil))

  init(_ configuration: ServerConfiguration, _ model: ServedModel) {
    let metrics = ServerMetrics(maximumInputLength: model.maxInputLength)
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

  /// What the request says about long texts, or else the configuration.
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

extension ServerInfo {
  fileprivate init(_ configuration: ServerConfiguration, _ model: ServedModel) {
    self.init(
      modelID: configuration.modelID, modelSHA: configuration.revision,
      modelDtype: model.precision.rawValue, servedModelName: configuration.servedModelName,
      modelType: ModelType(model), maxConcurrentRequests: configuration.maxConcurrentRequests,
      maxInputLength: model.maxInputLength, maxBatchTokens: configuration.maxBatchTokens,
      maxBatchRequests: configuration.maxBatchRequests,
      maxClientBatchSize: configuration.maxClientBatchSize,
      autoTruncate: configuration.autoTruncate, tokenizationWorkers: model.threadCount,
      version: SwiftletServer.version, comparesSentences: configuration.comparesSentences)
  }
}

extension ServerInfo.ModelType {
  fileprivate init(_ model: ServedModel) {
    switch model.kind {
    case .classifier: self = .classifier(labels: model.labels)
    case .reranker: self = .reranker(labels: model.labels)
    case .embedding: self = .embedding(pooling: model.pooling)
    }
  }
}

/// How far the server is, for all its routes.
final class ServerState: Sendable {
  private enum Phase {
    case loading
    case ready(Serving)
    /// Requests in flight are still answered.
    case draining(Serving?)
  }

  private let phase = Mutex(Phase.loading)
  private let listeningPort = Mutex<Int?>(nil)

  /// The port that can be connected to; nil until there is one.
  var port: Int? { listeningPort.withLock { $0 } }

  func listen(on port: Int) { listeningPort.withLock { $0 = port } }

  func load(_ serving: Serving) {
    phase.withLock { phase in
      if case .draining = phase { phase = .draining(serving) } else { phase = .ready(serving) }
    }
  }

  func drain() {
    phase.withLock { phase in
      switch phase {
      case .loading: phase = .draining(nil)
      case .ready(let serving): phase = .draining(serving)
      case .draining: break
      }
    }
  }

  /// Whether new requests should come.
  var isHealthy: Bool {
    phase.withLock { phase in
      if case .ready = phase { true } else { false }
    }
  }

  /// Whether connections are closed after their next answer.
  var isDraining: Bool {
    phase.withLock { phase in
      if case .draining = phase { true } else { false }
    }
  }

  /// - Throws: ``ServerError/loading`` until the model is there.
  func serving() throws(ServerError) -> Serving {
    let serving: Serving? = phase.withLock { phase in
      switch phase {
      case .loading: nil
      case .ready(let serving): serving
      case .draining(let serving): serving
      }
    }
    guard let serving else { throw .loading }
    return serving
  }
}
#endif
