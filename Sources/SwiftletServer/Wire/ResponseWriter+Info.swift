#if Server
import SwiftletJSON

extension ResponseWriter {
  /// The body of `/v1/models`, as OpenAI's clients read it; `created` in seconds since 1970.
  static func models(_ models: [(info: ServerInfo, created: Int)]) -> [UInt8] {
    var text = JSONBuilder()
    text.object { text in
      text.member("object", "list")
      text.key("data")
      text.array(models) { model, text in writeModel(model.info, model.created, to: &text) }
    }
    return text.bytes
  }

  /// The body of `/v1/models/{model}`.
  static func model(_ info: ServerInfo, created: Int) -> [UInt8] {
    var text = JSONBuilder()
    writeModel(info, created, to: &text)
    return text.bytes
  }

  private static func writeModel(_ info: ServerInfo, _ created: Int, to text: inout JSONBuilder) {
    text.object { text in
      text.member("id", info.servedModelName)
      text.member("object", "model")
      text.member("created", created)
      text.member("owned_by", "swiftlet")
    }
  }

  /// The body of `/models/{model}/reload`.
  static func reload(_ reload: ModelReload) -> [UInt8] {
    var text = JSONBuilder()
    text.object { text in
      text.member("model", reload.model)
      text.member("model_fingerprint", reload.fingerprint)
      text.member("previous_fingerprint", reload.previousFingerprint)
      text.key("changes")
      text.array(reload.changes) { change, text in text.string(change) }
      text.key("seconds")
      text.number(reload.seconds)
    }
    return text.bytes
  }

  /// The body of `/info`; unknown values are `null`.
  static func info(_ info: ServerInfo) -> [UInt8] {
    var text = JSONBuilder(capacity: 1024)
    text.object { text in
      text.member("model_id", info.modelID)
      text.member("model_sha", info.modelSHA)
      text.member("model_dtype", info.modelDtype)
      text.member("served_model_name", info.servedModelName)
      text.key("model_type")
      write(info.modelType, to: &text)
      text.member("max_concurrent_requests", info.maxConcurrentRequests)
      text.member("max_input_length", info.maxInputLength)
      text.member("max_batch_tokens", info.maxBatchTokens)
      text.member("max_batch_requests", info.maxBatchRequests)
      text.member("max_client_batch_size", info.maxClientBatchSize)
      text.member("auto_truncate", info.autoTruncate)
      text.member("tokenization_workers", info.tokenizationWorkers)
      text.member("version", info.version)
      text.key("sha")
      text.null()
      text.key("docker_label")
      text.null()
      text.member("model_fingerprint", info.fingerprint)
      if info.models.count > 1 {
        text.key("models")
        text.array(info.models) { name, text in text.string(name) }
      }
    }
    return text.bytes
  }

  private static func write(_ type: ServerInfo.ModelType, to text: inout JSONBuilder) {
    text.object { text in
      switch type {
      case .embedding(let pooling):
        text.key("embedding")
        text.object { text in
          text.member("pooling", pooling)
        }
      case .classifier(let labels):
        text.key("classifier")
        write(labels, to: &text)
      case .reranker(let labels):
        text.key("reranker")
        write(labels, to: &text)
      }
    }
  }

  /// The labels by their index, and the other way round.
  private static func write(_ labels: [String], to text: inout JSONBuilder) {
    text.object { text in
      text.key("id2label")
      text.object { text in
        for (index, label) in labels.enumerated() {
          text.key(text: String(index))
          text.string(label)
        }
      }
      text.key("label2id")
      text.object { text in
        for (index, label) in labels.enumerated() where labels.firstIndex(of: label) == index {
          text.key(text: label)
          text.integer(index)
        }
      }
    }
  }
}
#endif
