#if Server
import ArgumentParser
import SwiftletServer

/// The flags, as text: `ServerSettings` reads them by the same rules as the variables.
struct ServerArguments: ParsableArguments {
  @OptionGroup(title: "Model") var model: ModelFlags
  @OptionGroup(title: "Network") var network: NetworkFlags
  @OptionGroup(title: "Limits") var limits: LimitFlags
  @OptionGroup(title: "Logs") var logs: LogFlags
  @OptionGroup(title: "Accepted for compatibility, mostly without effect") var foreign: ForeignFlags

  /// The values of all flags that were given, by their names.
  var given: [String: [String]] {
    let groups: [any ParsableArguments] = [model, network, limits, logs, foreign]
    // The mirrors list the property wrappers; ArgumentParser reads its options in the same way.
    return groups.flatMap { Mirror(reflecting: $0).children }.reduce(into: [:]) { given, option in
      let values =
        (option.value as? Option<[FlagValue]>)?.wrappedValue
        ?? [(option.value as? Option<FlagValue?>)?.wrappedValue].compactMap { $0 }
      for value in values { given[value.flag, default: []].append(value.description) }
    }
  }
}

/// The text that was given to a flag.
struct FlagValue: CustomStringConvertible, Sendable {
  let flag: String
  let description: String
}

struct ModelFlags: ParsableArguments {
  @Option(flag: "model-id") var modelId: [FlagValue] = []
  @Option(flag: "revision") var revision: FlagValue?
  @Option(flag: "served-model-name") var servedModelName: FlagValue?
  @Option(flag: "precision") var precision: FlagValue?
  @Option(flag: "dtype") var dtype: FlagValue?
  @Option(flag: "pooling") var pooling: FlagValue?
  @Option(flag: "threads") var threads: FlagValue?
  @Option(flag: "honour-problem-type") var honourProblemType: FlagValue?
  @Option(flag: "auto-truncate") var autoTruncate: FlagValue?
  @Option(flag: "default-prompt-name") var defaultPromptName: FlagValue?
  @Option(flag: "default-prompt") var defaultPrompt: FlagValue?
}

struct NetworkFlags: ParsableArguments {
  @Option(flag: "hostname") var hostname: FlagValue?
  @Option(flag: "port", short: "p") var port: FlagValue?
  @Option(flag: "api-key") var apiKey: FlagValue?
  @Option(flag: "allow-reload") var allowReload: FlagValue?
  @Option(flag: "compress-responses") var compressResponses: FlagValue?
  @Option(flag: "cors-allow-origin") var corsAllowOrigin: [FlagValue] = []
  @Option(flag: "tls-certificate") var tlsCertificate: FlagValue?
  @Option(flag: "tls-key") var tlsKey: FlagValue?
}

struct LimitFlags: ParsableArguments {
  @Option(flag: "max-concurrent-requests") var maxConcurrentRequests: FlagValue?
  @Option(flag: "max-batch-tokens") var maxBatchTokens: FlagValue?
  @Option(flag: "max-batch-requests") var maxBatchRequests: FlagValue?
  @Option(flag: "max-client-batch-size") var maxClientBatchSize: FlagValue?
  @Option(flag: "payload-limit") var payloadLimit: FlagValue?
  @Option(flag: "request-timeout") var requestTimeout: FlagValue?
  @Option(flag: "drain-timeout") var drainTimeout: FlagValue?
}

struct LogFlags: ParsableArguments {
  @Option(flag: "json-output") var jsonOutput: FlagValue?
  @Option(flag: "log-level") var logLevel: FlagValue?
}

struct ForeignFlags: ParsableArguments {
  @Option(flag: "tokenization-workers") var tokenizationWorkers: FlagValue?
  @Option(flag: "dense-path") var densePath: FlagValue?
  @Option(flag: "hf-token") var hfToken: FlagValue?
  @Option(flag: "hf-api-token") var hfApiToken: FlagValue?
  @Option(flag: "uds-path") var udsPath: FlagValue?
  @Option(flag: "huggingface-hub-cache") var huggingfaceHubCache: FlagValue?
  @Option(flag: "otlp-endpoint") var otlpEndpoint: FlagValue?
  @Option(flag: "otlp-service-name") var otlpServiceName: FlagValue?
  @Option(flag: "prometheus-port") var prometheusPort: FlagValue?
  @Option(flag: "disable-spans") var disableSpans: FlagValue?
}

extension Option where Value == FlagValue? {
  init(flag name: String, short: Character? = nil) {
    let flag = ServerFlag.named(name)
    let names: NameSpecification =
      if let short { [.customShort(short), .customLong(name)] } else { .customLong(name) }
    let transform = { @Sendable text in FlagValue(flag: name, description: text) }
    if flag.isSwitch {
      self.init(
        name: names, defaultAsFlag: transform("true"), help: flag.argumentHelp,
        transform: transform)
    } else {
      self.init(name: names, help: flag.argumentHelp, transform: transform)
    }
  }
}

extension Option where Value == [FlagValue] {
  init(wrappedValue: [FlagValue], flag name: String) {
    self.init(
      wrappedValue: wrappedValue, name: .customLong(name), parsing: .singleValue,
      help: ServerFlag.named(name).argumentHelp
    ) { FlagValue(flag: name, description: $0) }
  }
}

extension ServerFlag {
  fileprivate static func named(_ name: String) -> ServerFlag {
    guard let flag = all.first(where: { $0.name == name }) else {
      preconditionFailure("the table of flags lacks \(name)")
    }
    return flag
  }

  fileprivate var argumentHelp: ArgumentHelp {
    help.map { ArgumentHelp($0, valueName: valueName) } ?? .hidden
  }
}
#endif
