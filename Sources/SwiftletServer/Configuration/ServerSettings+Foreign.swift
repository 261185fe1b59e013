#if Server
import Logging

/// What text-embeddings-inference knows and Swiftlet does not, or knows otherwise.
extension ServerSettings {
  /// Refuses settings that would change the answers.
  func refuseForeign() throws(SettingsError) {
    if let type = one("dtype"), type.value != "float32" {
      throw .refused(
        source: "\(type.source) \(type.value)",
        reason: "Swiftlet computes in float32, or in int8 with --precision int8")
    }
    if let path = one("dense-path") {
      throw .refused(
        source: path.source,
        reason: "dense modules are those of the model's modules.json")
    }
  }

  /// Warns of what is harmless: the server does without.
  mutating func warnOfForeign() {
    let reasons = [
      ("tokenization-workers", "texts are tokenized by the threads that serve requests"),
      ("hf-token", "nothing is downloaded"),
      ("hf-api-token", "nothing is downloaded"),
      ("huggingface-hub-cache", "nothing is downloaded"),
      ("uds-path", "the engine runs in this process"),
      ("prometheus-port", "/metrics is on the server's own port"),
      ("otlp-endpoint", "no traces are exported; the ids of traceparent are in the logs"),
      ("otlp-service-name", "no traces are exported; the ids of traceparent are in the logs"),
    ]
    for (name, reason) in reasons {
      guard let setting = one(name) else { continue }
      // Tokens of the hub stand in many an environment, meant for others.
      if name.hasPrefix("hf-"), !setting.source.hasPrefix("--") { continue }
      warn("\(setting.source) has no effect: \(reason)")
    }
  }

  func pooling() throws(SettingsError) -> ServerPooling? {
    if let pooling = one("pooling"), pooling.value == "splade" {
      throw .refused(
        source: "\(pooling.source) splade", reason: "Swiftlet makes no sparse embeddings")
    }
    return try choice("pooling")
  }

  /// `LOG_LEVEL`, as `tracing` has it: one level, or several directives of which those for single
  /// modules have no effect.
  mutating func logLevel() throws(SettingsError) -> Logger.Level? {
    var level: Logger.Level?
    for setting in all("log-level") {
      guard !setting.value.contains("=") else {
        warn("\(setting.source) \(setting.value) has no effect: levels are for the whole server")
        continue
      }
      switch setting.value.lowercased() {
      case "trace": level = .trace
      case "debug": level = .debug
      case "info": level = .info
      case "notice": level = .notice
      case "warn", "warning": level = .warning
      case "error": level = .error
      case "critical", "off": level = .critical
      default:
        throw .invalid(
          source: setting.source, value: setting.value,
          expected: "trace, debug, info, warn, error or off")
      }
    }
    return level
  }
}
#endif
