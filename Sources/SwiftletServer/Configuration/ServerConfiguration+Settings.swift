#if Server
import Glibc
import Logging
import Swiftlet

extension ServerConfiguration {
  /// The configuration from the command line and the environment; `settings` collects warnings.
  ///
  /// - Parameters:
  ///   - settings: The flags and variables.
  ///   - bundledModel: Returns the directory to serve if the settings name none.
  ///   - isRepository: Whether a name that is not a directory is a model that the caller downloads; it is
  ///     kept as the model's directory until then.
  /// - Throws: ``SettingsError``, and the error of `bundledModel`.
  package init(
    settings: inout ServerSettings, bundledModel: () throws -> String,
    isRepository: (String) -> Bool = { _ in false }
  ) throws {
    let name = settings.text("served-model-name")
    let models = try ModelSettings(settings, isRepository: isRepository).choices
    if let model = models.first {
      self.init(modelDirectory: model.location, servedModelName: model.name ?? name)
      additionalModels = models.dropFirst().map {
        AdditionalModel(directory: $0.location, name: $0.name)
      }
    } else {
      let bundledName = "swiftlet-sentiment"
      self.init(modelDirectory: try bundledModel(), servedModelName: name ?? bundledName)
      modelID = bundledName
    }
    try Self.refuseUnsupported(settings)
    for flag in ServerFlag.all { try flag.read(&self, &settings) }
    ignoreMachineName(&settings)
    corsAllowOrigins = try settings.all("cors-allow-origin").map { try Self.origin($0) }
    try readLogLevel(&settings)
    comparesSentences = settings.value(ofVariable: "TASK") == "sentence-similarity"
    try checkTogether(settings)
  }

  /// Refuses settings of text-embeddings-inference that would change the answers.
  private static func refuseUnsupported(_ settings: ServerSettings) throws(SettingsError) {
    if let type = settings.one("dtype"), type.value != "float32" {
      throw .refused(
        source: "\(type.source) \(type.value)",
        reason: "Swiftlet computes in float32, or in what --precision names: bfloat16 or int8")
    }
    if let path = settings.one("dense-path") {
      throw .refused(
        source: path.source, reason: "dense modules are always those of the model's modules.json")
    }
    if let pooling = settings.one("pooling"), pooling.value == "splade" {
      throw .refused(
        source: "\(pooling.source) splade", reason: "Swiftlet does not compute sparse embeddings")
    }
  }

  /// Containers and shells set `HOSTNAME` to the machine's name, which is not an address to listen
  /// on.
  private mutating func ignoreMachineName(_ settings: inout ServerSettings) {
    guard let host = settings.one("hostname"), host.source == "HOSTNAME" else { return }
    var address = [UInt8](repeating: 0, count: 16)
    guard host.value != "localhost", inet_pton(AF_INET, host.value, &address) != 1,
      inet_pton(AF_INET6, host.value, &address) != 1
    else { return }
    hostname = ServerFlag.defaults.hostname
    settings.warn(
      "HOSTNAME \(host.value) has no effect: it is not an address; the server listens on \(hostname)"
    )
  }

  private static func origin(_ setting: ServerSettings.Setting) throws(SettingsError) -> String {
    guard let origin = CrossOrigin.origin(setting.value) else {
      throw .invalid(
        source: setting.source, value: setting.value, expected: CrossOrigin.expectedOrigin)
    }
    return origin
  }

  /// Reads `LOG_LEVEL` as `tracing` does: one level, or several directives. Directives for single
  /// modules are ignored with a warning.
  private mutating func readLogLevel(_ settings: inout ServerSettings) throws(SettingsError) {
    for setting in settings.all("log-level") {
      guard !setting.value.contains("=") else {
        settings.warn(
          "\(setting.source) \(setting.value) has no effect: levels are for the whole server")
        continue
      }
      let name = setting.value.lowercased()
      guard
        let level = Logger.Level(rawValue: ["warn": "warning", "off": "critical"][name] ?? name)
      else {
        throw .invalid(
          source: setting.source, value: setting.value,
          expected: "trace, debug, info, warn, error or off")
      }
      logLevel = level
    }
  }

  private func checkModels() throws(SettingsError) {
    try checkModelNames()
    if allowsReload, apiKey == nil {
      throw .conflict(
        reason: "--allow-reload needs --api-key: without a key, every client could load models")
    }
  }

  private func checkTogether(_ settings: ServerSettings) throws(SettingsError) {
    if settings.isEmptyVariable("api-key") {
      throw .invalid(source: "API_KEY", value: "", expected: SettingFormat.key.expected)
    }
    try checkModels()
    if defaultPrompt != nil, defaultPromptName != nil {
      throw .conflict(
        reason: "--default-prompt and --default-prompt-name exclude each other; give one of them")
    }
    if (tlsCertificatePath == nil) != (tlsKeyPath == nil) {
      throw .conflict(reason: "--tls-certificate and --tls-key go together; give both or neither")
    }
  }

  /// Checks the values that a program has set, by the rules of the flags.
  ///
  /// - Throws: ``SwiftletError/invalidOption(reason:)`` with the flag's name.
  func check() throws(SwiftletError) {
    do throws(SettingsError) {
      for flag in ServerFlag.all {
        if let problem = flag.problem(self) { throw problem }
      }
      try checkModels()
      for origin in corsAllowOrigins {
        _ = try Self.origin(.init(source: "--cors-allow-origin", value: origin))
      }
    } catch {
      throw .invalidOption(reason: error.description)
    }
  }
}
#endif
