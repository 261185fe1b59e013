#if Server
import ArgumentParser

/// The flags, as text: `ServerSettings` reads them by the same rules as the variables.
struct ServerArguments: ParsableArguments {
  @OptionGroup(title: "Model") var model: ModelFlags
  @OptionGroup(title: "Network") var network: NetworkFlags
  @OptionGroup(title: "Limits") var limits: LimitFlags
  @OptionGroup(title: "Logs") var logs: LogFlags
  @OptionGroup(title: "Accepted for compatibility, mostly without effect") var foreign: ForeignFlags

  /// The values of all flags that were given, by their names.
  var given: [String: [String]] {
    let groups = [model.given, network.given, limits.given, logs.given, foreign.given]
    return groups.reduce(into: [:]) { all, group in all.merge(group) { $0 + $1 } }
  }
}

extension [String: String?] {
  /// The given values, each a list of one.
  var given: [String: [String]] { compactMapValues { $0.map { [$0] } } }
}

struct ModelFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder as transformers or sentence-transformers saves it. Default: the bundled sentiment"
        + " model.", valueName: "folder"))
  var modelId: String?
  @Option(help: ArgumentHelp("What /info gives as model_sha.", valueName: "text"))
  var revision: String?
  @Option(
    help: ArgumentHelp("The model's name in answers. Default: --model-id.", valueName: "name"))
  var servedModelName: String?
  @Option(
    help: ArgumentHelp(
      "float32 or int8, which is several times faster with VNNI. Default: what the model has.",
      valueName: "precision"))
  var precision: String?
  @Option(
    help: ArgumentHelp("float32 alone; for int8 there is --precision.", valueName: "type"))
  var dtype: String?
  @Option(
    help: ArgumentHelp(
      "cls, mean or last-token, for an embedding model. Default: what its files say.",
      valueName: "pooling"))
  var pooling: String?
  @Option(help: ArgumentHelp("Threads to compute with. Default: all available.", valueName: "n"))
  var threads: String?
  @Option(
    defaultAsFlag: "true",
    help: ArgumentHelp(
      "Whether problem_type of config.json decides over sigmoid and softmax. Default: false.",
      valueName: "bool"))
  var honourProblemType: String?
  @Option(
    defaultAsFlag: "true",
    help: ArgumentHelp(
      "Whether inputs that are too long are cut unless a request says otherwise. Default: true.",
      valueName: "bool"))
  var autoTruncate: String?
  @Option(help: ArgumentHelp("The prompt before texts to embed, by its name.", valueName: "name"))
  var defaultPromptName: String?
  @Option(help: ArgumentHelp("The prompt before texts to embed.", valueName: "text"))
  var defaultPrompt: String?

  var given: [String: [String]] {
    [
      "model-id": modelId, "revision": revision, "served-model-name": servedModelName,
      "precision": precision, "dtype": dtype, "pooling": pooling, "threads": threads,
      "honour-problem-type": honourProblemType, "auto-truncate": autoTruncate,
      "default-prompt-name": defaultPromptName, "default-prompt": defaultPrompt,
    ].given
  }
}

struct NetworkFlags: ParsableArguments {
  @Option(help: ArgumentHelp("The address to listen on. Default: 0.0.0.0.", valueName: "address"))
  var hostname: String?
  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The port; 0 for any that is free. Default: 3000.", valueName: "n"))
  var port: String?
  @Option(
    help: ArgumentHelp(
      "The key that requests must bring. Better given as API_KEY: flags are seen by all users.",
      valueName: "key"))
  var apiKey: String?
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "An origin that browsers may call from; repeat it for several. Default: any.",
      valueName: "origin"))
  var corsAllowOrigin: [String] = []
  @Option(help: ArgumentHelp("The certificate's PEM file, to serve TLS.", valueName: "file"))
  var tlsCertificate: String?
  @Option(help: ArgumentHelp("The PEM file of its private key.", valueName: "file"))
  var tlsKey: String?

  var given: [String: [String]] {
    var given = [
      "hostname": hostname, "port": port, "api-key": apiKey, "tls-certificate": tlsCertificate,
      "tls-key": tlsKey,
    ].given
    if !corsAllowOrigin.isEmpty { given["cors-allow-origin"] = corsAllowOrigin }
    return given
  }
}

struct LimitFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp("Inputs that may wait or be computed. Default: 512.", valueName: "n"))
  var maxConcurrentRequests: String?
  @Option(help: ArgumentHelp("Tokens of a batch. Default: 16384.", valueName: "n"))
  var maxBatchTokens: String?
  @Option(help: ArgumentHelp("Inputs of a batch. Default: no limit.", valueName: "n"))
  var maxBatchRequests: String?
  @Option(help: ArgumentHelp("Inputs of a request. Default: 32.", valueName: "n"))
  var maxClientBatchSize: String?
  @Option(help: ArgumentHelp("Bytes of a request's body. Default: 2000000.", valueName: "n"))
  var payloadLimit: String?
  @Option(
    help: ArgumentHelp(
      "How long a request may wait in the queue. Default: 30.", valueName: "seconds")
  )
  var requestTimeout: String?
  @Option(
    help: ArgumentHelp(
      "How long requests in flight may take once the server is told to stop. Default: 30.",
      valueName: "seconds"))
  var drainTimeout: String?

  var given: [String: [String]] {
    [
      "max-concurrent-requests": maxConcurrentRequests, "max-batch-tokens": maxBatchTokens,
      "max-batch-requests": maxBatchRequests, "max-client-batch-size": maxClientBatchSize,
      "payload-limit": payloadLimit, "request-timeout": requestTimeout,
      "drain-timeout": drainTimeout,
    ].given
  }
}

struct LogFlags: ParsableArguments {
  @Option(
    defaultAsFlag: "true",
    help: ArgumentHelp("JSON lines instead of text. Default: false.", valueName: "bool"))
  var jsonOutput: String?
  @Option(
    help: ArgumentHelp(
      "trace, debug, info, warn, error or off. Default: info.", valueName: "level"))
  var logLevel: String?

  var given: [String: [String]] { ["json-output": jsonOutput, "log-level": logLevel].given }
}

struct ForeignFlags: ParsableArguments {
  @Option(help: .hidden) var tokenizationWorkers: String?
  @Option(help: .hidden) var densePath: String?
  @Option(help: .hidden) var hfToken: String?
  @Option(help: .hidden) var hfApiToken: String?
  @Option(help: .hidden) var udsPath: String?
  @Option(help: .hidden) var huggingfaceHubCache: String?
  @Option(help: .hidden) var otlpEndpoint: String?
  @Option(help: .hidden) var otlpServiceName: String?
  @Option(help: .hidden) var prometheusPort: String?
  @Option(defaultAsFlag: "true", help: .hidden) var disableSpans: String?

  var given: [String: [String]] {
    [
      "tokenization-workers": tokenizationWorkers, "dense-path": densePath, "hf-token": hfToken,
      "hf-api-token": hfApiToken, "uds-path": udsPath,
      "huggingface-hub-cache": huggingfaceHubCache, "otlp-endpoint": otlpEndpoint,
      "otlp-service-name": otlpServiceName, "prometheus-port": prometheusPort,
      "disable-spans": disableSpans,
    ].given
  }
}
#endif
