#if Server
import Swiftlet

extension ServerInfo {
  init(_ configuration: ServerConfiguration, _ model: ServedModel, names: [String]) {
    self.init(
      modelID: configuration.modelID, modelSHA: configuration.revision,
      modelDtype: model.precision.rawValue, servedModelName: configuration.servedModelName,
      modelType: ModelType(model), maxConcurrentRequests: configuration.maxConcurrentRequests,
      maxInputLength: model.maxInputLength, maxBatchTokens: configuration.maxBatchTokens,
      maxBatchRequests: configuration.maxBatchRequests,
      maxClientBatchSize: configuration.maxClientBatchSize,
      autoTruncate: configuration.autoTruncate, tokenizationWorkers: model.threadCount,
      version: SwiftletServer.version, fingerprint: model.fingerprint, models: names,
      comparesSentences: configuration.comparesSentences)
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
#endif
