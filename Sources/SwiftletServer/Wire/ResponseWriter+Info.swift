#if Server
extension ResponseWriter {
  /// The body of `/v1/models`, as OpenAI's clients read it; `created` in seconds since 1970.
  static func models(_ info: ServerInfo, created: Int) -> [UInt8] {
    var text = JSONText()
    text.object { text in
      text.key("object")
      text.string("list")
      text.key("data")
      text.array([info]) { info, text in writeModel(info, created, to: &text) }
    }
    return text.bytes
  }

  /// The body of `/v1/models/{model}`.
  static func model(_ info: ServerInfo, created: Int) -> [UInt8] {
    var text = JSONText()
    writeModel(info, created, to: &text)
    return text.bytes
  }

  private static func writeModel(_ info: ServerInfo, _ created: Int, to text: inout JSONText) {
    text.object { text in
      text.key("id")
      text.string(info.servedModelName)
      text.key("object")
      text.string("model")
      text.key("created")
      text.integer(created)
      text.key("owned_by")
      text.string("swiftlet")
    }
  }

  /// The body of `/info`; what is not known is `null`, never left out.
  static func info(_ info: ServerInfo) -> [UInt8] {
    var text = JSONText(capacity: 1024)
    text.object { text in
      text.key("model_id")
      text.string(info.modelID)
      text.key("model_sha")
      text.optional(info.modelSHA)
      text.key("model_dtype")
      text.string(info.modelDtype)
      text.key("served_model_name")
      text.string(info.servedModelName)
      text.key("model_type")
      write(info.modelType, to: &text)
      text.key("max_concurrent_requests")
      text.integer(info.maxConcurrentRequests)
      text.key("max_input_length")
      text.integer(info.maxInputLength)
      text.key("max_batch_tokens")
      text.integer(info.maxBatchTokens)
      text.key("max_batch_requests")
      text.optional(info.maxBatchRequests)
      text.key("max_client_batch_size")
      text.integer(info.maxClientBatchSize)
      text.key("auto_truncate")
      text.bool(info.autoTruncate)
      text.key("tokenization_workers")
      text.integer(info.tokenizationWorkers)
      text.key("version")
      text.string(info.version)
      text.key("sha")
      text.null()
      text.key("docker_label")
      text.null()
    }
    return text.bytes
  }

  private static func write(_ type: ServerInfo.ModelType, to text: inout JSONText) {
    text.object { text in
      switch type {
      case .embedding(let pooling):
        text.key("embedding")
        text.object { text in
          text.key("pooling")
          text.string(pooling)
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
  private static func write(_ labels: [String], to text: inout JSONText) {
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
