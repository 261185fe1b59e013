#if Server
extension ServerFlag {
  /// All flags, in the order in which they are read; ``ServerConfiguration`` itself reads those
  /// without a field.
  package static let all = model + network + limits + logs + hub + foreign

  private static let model = [
    ServerFlag(
      "model-id", "model",
      "Model directory as transformers or sentence-transformers saves it, or a model of the Hugging"
        + " Face Hub: org/name or org/name@revision. name=path sets the served name. Repeat the flag"
        + " for several models. Default: the bundled sentiment model."),
    ServerFlag(
      "served-model-name", "name",
      "Name of a single model in responses. Default: --model-id."),
    ServerFlag(
      "revision", "text",
      "Revision of a single model of the Hub; of a directory, only the model_sha that /info returns.",
      optional: \.revision, .text),
    ServerFlag(
      "precision", "precision",
      "float32, bfloat16 (almost twice as fast, needs AVX512_BF16) or int8 (several times faster with"
        + " VNNI). Default: int8 for int8 models, otherwise float32.",
      optional: \.precision, .choice),
    ServerFlag("dtype", "type", "Only float32; for others, use --precision."),
    ServerFlag(
      "pooling", "pooling",
      "cls, mean or last-token, for embedding models. Default: from the model's files.",
      optional: \.pooling, .choice),
    ServerFlag(
      "threads", "n", "Number of threads that compute. Default: all available.",
      optional: \.threads, .integer(in: 1...4096)),
    ServerFlag(
      "honour-problem-type", "bool",
      "Let problem_type in config.json choose between sigmoid and softmax.",
      \.honoursProblemType, .bool),
    ServerFlag(
      "auto-truncate", "bool",
      "Truncate inputs that are too long, unless a request says otherwise.",
      \.autoTruncate, .bool),
    ServerFlag(
      "default-prompt-name", "name", "Name of the prompt to put before texts to embed.",
      optional: \.defaultPromptName, .text),
    ServerFlag(
      "default-prompt", "text", "Prompt to put before texts to embed.", optional: \.defaultPrompt,
      .text),
  ]

  private static let network = [
    ServerFlag("hostname", "address", "Address to listen on.", \.hostname, .text),
    ServerFlag(
      "port", "n", "Port to listen on; 0 chooses a free one.", \.port, .integer(in: 0...65535)),
    ServerFlag(
      "api-key", "key",
      "Key that requests must send. Prefer the variable API_KEY: all users can see flags.",
      optional: \.apiKey, .key),
    ServerFlag(
      "allow-reload", "bool",
      "Let POST /models/{name}/reload load a model again; needs --api-key.", \.allowsReload, .bool),
    ServerFlag(
      "compress-responses", "bool",
      "Compress responses of a kilobyte and more for clients that accept gzip.",
      \.compressesResponses, .bool),
    ServerFlag(
      "cors-allow-origin", "origin",
      "Origin that browsers may call from; repeat the flag for several. Default: any."),
    ServerFlag(
      "tls-certificate", "file", "PEM file of the certificate; enables TLS.",
      optional: \.tlsCertificatePath, .text),
    ServerFlag(
      "tls-key", "file", "PEM file of the certificate's private key.", optional: \.tlsKeyPath, .text
    ),
  ]

  private static let limits = [
    ServerFlag(
      "max-concurrent-requests", "n",
      "Maximum number of inputs that wait or are computed, for each model.",
      \.maxConcurrentRequests, .count),
    ServerFlag(
      "max-batch-tokens", "n", "Maximum number of tokens in a batch.", \.maxBatchTokens, .count),
    ServerFlag(
      "max-batch-requests", "n", "Maximum number of inputs in a batch. Default: no limit.",
      optional: \.maxBatchRequests, .count),
    ServerFlag(
      "max-client-batch-size", "n", "Maximum number of inputs in a request.",
      \.maxClientBatchSize, .count),
    ServerFlag(
      "payload-limit", "n", "Maximum number of bytes in a request body.", \.payloadLimit,
      .integer(in: 1...1 << 30)),
    ServerFlag(
      "request-timeout", "seconds", "How long a request may wait in the queue.", \.requestTimeout,
      .seconds()),
    ServerFlag(
      "drain-timeout", "seconds", "How long a stopping server waits for requests in flight.",
      \.drainTimeout, .seconds(orZero: true)),
  ]

  private static let logs = [
    ServerFlag("json-output", "bool", "Log JSON lines instead of text.", \.jsonLogs, .bool),
    ServerFlag(
      "log-level", "level",
      "trace, debug, info, warn, error or off. Default: \(defaults.logLevel)."),
  ]

  #if Hub
  private static let hub = [
    ServerFlag(
      "hf-token", "token",
      "Token for private and gated models of the Hub. Prefer the variable HF_TOKEN: all users can see"
        + " flags."),
    ServerFlag("hf-api-token"),
    ServerFlag(
      "huggingface-hub-cache", "folder",
      "Folder of downloaded models. Default: ~/.cache/huggingface/hub."),
  ]
  #else
  private static let hub = ["hf-token", "hf-api-token", "huggingface-hub-cache"].map {
    ignored($0, "this build does not download models; build it with --traits Server,Hub")
  }
  #endif

  /// Flags of text-embeddings-inference that the help does not list.
  private static let foreign = [
    ServerFlag("dense-path"),
    ServerFlag("disable-spans", isSwitch: true),
    ignored("tokenization-workers", "texts are tokenized by the threads that serve requests"),
    ignored("uds-path", "the engine runs in this process"),
    ignored("prometheus-port", "/metrics is on the server's own port"),
    ignored("otlp-endpoint", "traces are not exported; the ids of traceparent are in the logs"),
    ignored("otlp-service-name", "traces are not exported; the ids of traceparent are in the logs"),
  ]

  private static func ignored(_ name: String, _ reason: String) -> ServerFlag {
    ServerFlag(
      name,
      read: { (_, settings) throws(SettingsError) in
        guard let setting = settings.one(name) else { return }
        // Many environments have tokens of the Hub for other programs.
        if name.hasPrefix("hf-"), !setting.source.hasPrefix("--") { return }
        settings.warn("\(setting.source) has no effect: \(reason)")
      })
  }
}
#endif
