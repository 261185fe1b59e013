#if Server
import Glibc
import Logging
import Swiftlet

extension ServerConfiguration {
  /// The configuration that settings make, with warnings about settings without effect.
  /// `bundledModel` gives the folder to serve where none is named.
  package init(
    settings: inout ServerSettings, bundledModel: () throws -> String
  ) throws {
    if let model = settings.one("model-id") {
      guard Self.isDirectory(model.value) else {
        throw SettingsError.noModel(source: model.source, value: model.value)
      }
      self.init(modelDirectory: model.value, servedModelName: settings.text("served-model-name"))
    } else {
      let name = "swiftlet-sentiment"
      self.init(
        modelDirectory: try bundledModel(),
        servedModelName: settings.text("served-model-name") ?? name)
      modelID = name
    }
    try readModel(settings)
    try readNetwork(&settings)
    try readLimits(settings)
    try readLogging(&settings)
    try settings.refuseForeign()
    settings.warnOfForeign()
  }

  private mutating func readModel(_ settings: ServerSettings) throws(SettingsError) {
    revision = settings.text("revision")
    precision = try settings.choice("precision")
    pooling = try settings.pooling()
    threads = try settings.integer("threads", in: 1...4096)
    honoursProblemType = try settings.bool("honour-problem-type") ?? honoursProblemType
    autoTruncate = try settings.bool("auto-truncate") ?? autoTruncate
    defaultPromptName = settings.text("default-prompt-name")
    defaultPrompt = settings.text("default-prompt")
    comparesSentences = settings.value(ofVariable: "TASK") == "sentence-similarity"
    if defaultPrompt != nil, defaultPromptName != nil {
      throw .conflict(
        reason: "--default-prompt and --default-prompt-name exclude each other; give one of them")
    }
  }

  private mutating func readNetwork(_ settings: inout ServerSettings) throws(SettingsError) {
    if let host = settings.one("hostname") {
      // Containers and shells set HOSTNAME to the machine's name, not to an address to listen on.
      if host.source != "HOSTNAME" || host.value == "localhost" || Self.isAddress(host.value) {
        hostname = host.value
      } else {
        settings.warn(
          "HOSTNAME \(host.value) has no effect: it is not an address; the server listens on "
            + "\(hostname)")
      }
    }
    port = try settings.integer("port", in: 0...65535) ?? port
    apiKey = settings.text("api-key")
    if settings.isEmptyVariable("api-key") || apiKey?.isEmpty == true {
      throw .conflict(
        reason: "the API key is empty, which would allow every client; set one, or remove it")
    }
    corsAllowOrigins = try settings.all("cors-allow-origin").map {
      (setting) throws(SettingsError) in
      guard let origin = CrossOrigin.origin(setting.value) else {
        throw .invalid(
          source: setting.source, value: setting.value, expected: CrossOrigin.expectedOrigin)
      }
      return origin
    }
    tlsCertificatePath = settings.text("tls-certificate")
    tlsKeyPath = settings.text("tls-key")
    if (tlsCertificatePath == nil) != (tlsKeyPath == nil) {
      throw .conflict(reason: "--tls-certificate and --tls-key go together; give both or neither")
    }
  }

  private mutating func readLimits(_ settings: ServerSettings) throws(SettingsError) {
    let count = 1...Int.max
    maxConcurrentRequests =
      try settings.integer("max-concurrent-requests", in: count) ?? maxConcurrentRequests
    maxBatchTokens = try settings.integer("max-batch-tokens", in: count) ?? maxBatchTokens
    maxBatchRequests = try settings.integer("max-batch-requests", in: count)
    maxClientBatchSize =
      try settings.integer("max-client-batch-size", in: count) ?? maxClientBatchSize
    payloadLimit = try settings.integer("payload-limit", in: 1...1 << 30) ?? payloadLimit
    requestTimeout = try settings.seconds("request-timeout") ?? requestTimeout
    drainTimeout = try settings.seconds("drain-timeout") ?? drainTimeout
  }

  private mutating func readLogging(_ settings: inout ServerSettings) throws(SettingsError) {
    jsonLogs = try settings.bool("json-output") ?? jsonLogs
    logLevel = try settings.logLevel() ?? logLevel
  }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether `text` is an address of version 4 or 6 in digits.
  private static func isAddress(_ text: String) -> Bool {
    var address = [UInt8](repeating: 0, count: 16)
    return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
  }
}
#endif
