#if Server
import Foundation
import Logging
import Swiftlet
import Testing

@testable import SwiftletServer

@Suite struct ConfigurationTests {
  private static let root =
    "/"
    + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  private func configuration(
    _ flags: [String: String] = [:], _ variables: [String: String] = [:]
  ) throws -> (ServerConfiguration, warnings: [String]) {
    var settings = ServerSettings(flags: flags.mapValues { [$0] }) { variables[$0] }
    let configuration = try ServerConfiguration(settings: &settings) { "/bundled" }
    return (configuration, settings.warnings)
  }

  @Test func `the defaults are those of text-embeddings-inference`() throws {
    let (configuration, warnings) = try configuration()
    #expect(configuration.modelDirectory == "/bundled" && warnings.isEmpty)
    #expect(configuration.modelID == "swiftlet-sentiment")
    #expect(configuration.hostname == "0.0.0.0" && configuration.port == 3000)
    #expect(configuration.maxConcurrentRequests == 512 && configuration.maxBatchTokens == 16384)
    #expect(configuration.maxBatchRequests == nil && configuration.maxClientBatchSize == 32)
    #expect(configuration.autoTruncate && configuration.payloadLimit == 2_000_000)
    #expect(configuration.apiKey == nil && configuration.corsAllowOrigins.isEmpty)
    #expect(configuration.logLevel == .info && !configuration.jsonLogs)
  }

  @Test func `a flag overrides its variable, a variable the default`() throws {
    let variables = ["PORT": "81", "MAX_CLIENT_BATCH_SIZE": "4", "AUTO_TRUNCATE": "false"]
    let (configuration, _) = try configuration(["port": "82"], variables)
    #expect(configuration.port == 82 && configuration.maxClientBatchSize == 4)
    #expect(!configuration.autoTruncate)
  }

  @Test func `every setting reaches its field`() throws {
    let (configuration, warnings) = try configuration([
      "model-id": "/", "revision": "r", "served-model-name": "n", "precision": "int8",
      "pooling": "last-token", "threads": "3", "honour-problem-type": "true",
      "auto-truncate": "false", "default-prompt": "q: ", "hostname": "::1", "port": "0",
      "api-key": "k", "cors-allow-origin": "https://a", "tls-certificate": "c", "tls-key": "p",
      "max-concurrent-requests": "1", "max-batch-tokens": "2", "max-batch-requests": "3",
      "max-client-batch-size": "4", "payload-limit": "5", "request-timeout": "0.5",
      "drain-timeout": "6", "json-output": "true", "log-level": "debug", "dtype": "float32",
      "allow-reload": "true", "compress-responses": "false",
    ])
    #expect(warnings.isEmpty)
    #expect(configuration.modelDirectory == "/" && configuration.revision == "r")
    #expect(configuration.modelID == "/")
    #expect(configuration.servedModelName == "n" && configuration.precision == .int8)
    #expect(configuration.pooling == .lastToken && configuration.threads == 3)
    #expect(configuration.honoursProblemType && !configuration.autoTruncate)
    #expect(configuration.defaultPrompt == "q: " && configuration.defaultPromptName == nil)
    #expect(configuration.hostname == "::1" && configuration.port == 0)
    #expect(configuration.apiKey == "k" && configuration.corsAllowOrigins == ["https://a"])
    #expect(configuration.tlsCertificatePath == "c" && configuration.tlsKeyPath == "p")
    #expect(configuration.maxConcurrentRequests == 1 && configuration.maxBatchTokens == 2)
    #expect(configuration.maxBatchRequests == 3 && configuration.maxClientBatchSize == 4)
    #expect(configuration.payloadLimit == 5 && configuration.requestTimeout == 0.5)
    #expect(configuration.drainTimeout == 6 && configuration.jsonLogs)
    #expect(configuration.logLevel == .debug)
    #expect(configuration.allowsReload && !configuration.compressesResponses)
  }

  @Test func `several origins are flags that repeat, or a variable with commas`() throws {
    var flags = ServerSettings(flags: ["cors-allow-origin": ["https://a", "https://b"]]) { _ in nil
    }
    let configuration = try ServerConfiguration(settings: &flags) { "/" }
    #expect(configuration.corsAllowOrigins == ["https://a", "https://b"])
    let (other, _) = try self.configuration([:], ["CORS_ALLOW_ORIGIN": "https://c, https://d "])
    #expect(other.corsAllowOrigins == ["https://c", "https://d"])
  }

  @Test func `HOSTNAME that is not an address is ignored with a warning`() throws {
    for address in ["127.0.0.1", "::1", "localhost"] {
      let (configuration, warnings) = try configuration([:], ["HOSTNAME": address])
      #expect(configuration.hostname == address && warnings.isEmpty)
    }
    let (configuration, warnings) = try configuration([:], ["HOSTNAME": "4f1c9a"])
    #expect(configuration.hostname == "0.0.0.0")
    #expect(warnings.count == 1 && warnings[0].hasPrefix("HOSTNAME 4f1c9a has no effect"))
  }

  @Test func `TASK=sentence-similarity makes that the main task`() throws {
    #expect(try configuration([:], ["TASK": "sentence-similarity"]).0.comparesSentences)
    #expect(try !configuration([:], ["TASK": "feature-extraction"]).0.comparesSentences)
  }

  @Test(arguments: [
    ("port", "65536"), ("port", "-1"), ("port", "80a"), ("port", ""), ("threads", "0"),
    ("threads", "4097"), ("max-batch-tokens", "0"), ("max-batch-requests", "0"),
    ("max-client-batch-size", "1.5"), ("max-concurrent-requests", "x"), ("payload-limit", "0"),
    ("auto-truncate", "maybe"), ("json-output", "2"), ("request-timeout", "0"),
    ("request-timeout", "nan"), ("drain-timeout", "inf"), ("precision", "int4"),
    ("pooling", "max"), ("log-level", "loud"), ("max-batch-tokens", "99999999999999999999"),
  ])
  func `an invalid value is refused by the name of its flag or variable`(
    name: String, value: String
  ) {
    #expect {
      try configuration([name: value])
    } throws: { error in
      guard case SettingsError.invalid(let source, value, _) = error else { return false }
      return source == "--\(name)" && "\(error)".contains("\"\(value)\"")
    }
    guard !value.isEmpty else { return }
    #expect {
      try configuration([:], [ServerSettings.variable(name): value])
    } throws: { error in
      guard case SettingsError.invalid(let source, _, _) = error else { return false }
      return source == ServerSettings.variable(name)
    }
  }

  @Test(arguments: Precision.allCases)
  func `every precision is a value of --precision and of PRECISION`(precision: Precision) throws {
    #expect(try configuration(["precision": precision.rawValue]).0.precision == precision)
    #expect(try configuration([:], ["PRECISION": precision.rawValue]).0.precision == precision)
  }

  @Test func `docs/server.md lists every flag that the help lists, with its default`() throws {
    let page = try String(contentsOfFile: Self.root + "/docs/server.md", encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `--") }
      .map { $0.split(separator: "|") }
    for flag in ServerFlag.all where flag.name != "dtype" {
      let row = rows.first { $0[0].contains("`--\(flag.name)`") }
      #expect((row == nil) == (flag.help == nil), "\(flag.name)")
      guard let row, let text = flag.help?.split(separator: " Default: ").dropFirst().last else {
        continue
      }
      // Defaults that are words are explained in other words.
      let value = text.dropLast()
      guard value.allSatisfy({ $0.isNumber || $0 == "." }) || value == "true" || value == "false"
      else { continue }
      #expect(row[1].contains(value), "\(flag.name): \(value)")
    }
  }

  @Test(arguments: [
    ("dtype", "float16"), ("dtype", "bfloat16"), ("pooling", "splade"), ("dense-path", "2_Dense"),
  ])
  func `settings that would change answers are refused with the reason`(
    name: String, value: String
  ) {
    #expect {
      try configuration([name: value])
    } throws: { error in
      guard case SettingsError.refused(_, let reason) = error else { return false }
      return !reason.isEmpty
    }
  }

  @Test func `harmless unknown settings are accepted with a warning`() throws {
    var names = [
      "tokenization-workers", "uds-path", "prometheus-port", "otlp-endpoint", "otlp-service-name",
    ]
    #if !Hub
    names += ["hf-token", "huggingface-hub-cache"]
    #endif
    let (_, warnings) = try configuration(
      Dictionary(uniqueKeysWithValues: names.map { ($0, "1") }))
    #expect(warnings.count == names.count)
    for name in names { #expect(warnings.contains { $0.hasPrefix("--\(name) has no effect: ") }) }
    #expect(try configuration([:], ["HF_TOKEN": "x"]).warnings.isEmpty)
  }

  @Test func `an empty API key is refused from flag and variable`() {
    #expect(throws: SettingsError.self) { try configuration(["api-key": ""]) }
    #expect(throws: SettingsError.self) { try configuration([:], ["API_KEY": ""]) }
  }

  @Test func `a printed configuration hides the key`() {
    struct Holder {
      let configuration: ServerConfiguration
    }
    var configuration = ServerConfiguration(modelDirectory: "/model")
    configuration.apiKey = "hush"
    let holder = Holder(configuration: configuration)
    var dumped = ""
    dump(holder, to: &dumped)
    for text in ["\(configuration)", "\(holder)", String(reflecting: holder), dumped] {
      #expect(text.contains("/model") && !text.contains("hush"))
    }
  }

  @Test func `settings that exclude or need each other are conflicts`() {
    for flags in [
      ["default-prompt": "a", "default-prompt-name": "b"], ["tls-key": "a"],
      ["tls-certificate": "a"],
    ] {
      #expect {
        try configuration(flags)
      } throws: { error in
        if case SettingsError.conflict = error { true } else { false }
      }
    }
  }

  @Test func `a model that is not a folder is refused with a download command`() {
    #expect {
      try configuration(["model-id": "org/model"])
    } throws: { error in
      "\(error)".contains("hf download org/model")
    }
  }

  private func models(_ flags: [String], _ others: [String: [String]] = [:]) throws
    -> ServerConfiguration
  {
    var settings = ServerSettings(flags: others.merging(["model-id": flags]) { $1 }) { _ in nil }
    return try ServerConfiguration(
      settings: &settings, bundledModel: { "" }, isRepository: { $0.hasPrefix("org/") })
  }

  @Test func `several models are flags that repeat, or a variable with commas`() throws {
    let flags = try models(["/tmp", "mood=/", "org/name", "search=org/other@v1"])
    #expect(flags.modelNames == ["/tmp", "mood", "org/name", "search"])
    #expect(
      flags.models.map(\.modelDirectory) == ["/tmp", "/", "org/name", "org/other@v1"])
    #expect(flags.models.allSatisfy { $0.additionalModels.isEmpty })
    let variable = try configuration([:], ["MODEL_ID": "a=/, b=/tmp"]).0
    #expect(variable.modelNames == ["a", "b"] && variable.modelDirectory == "/")
    #expect(try models(["one=/"]).servedModelName == "one")
  }

  @Test(arguments: [
    (["a=/", "a=/tmp"], "two models have the name \"a\""),
    (["/", "/"], "two models have the name \"/\""),
    (["=/", "/tmp"], "path or name=path"), (["a=/nowhere"], "\"/nowhere\" is not a directory"),
    (["a\nb=/", "/tmp"], "without control characters"),
    (["a/predict=/", "/tmp"], "does not end with /predict"),
    (["a/v1=/", "/tmp"], "does not end with /v1"),
    ([String(repeating: "n", count: 257) + "=/", "/tmp"], "1 to 256 bytes"),
  ])
  func `names of models that can't be told apart are refused`(flags: [String], text: String) {
    #expect {
      try models(flags)
    } throws: { error in
      "\(error)".contains(text)
    }
  }

  @Test(arguments: ["served-model-name", "revision"])
  func `settings of a single model are refused beside several`(name: String) throws {
    #expect {
      try models(["/", "/tmp"], [name: ["x"]])
    } throws: { error in
      "\(error)".contains("--\(name) is for a single model, and 2 are given")
    }
    #expect(throws: Never.self) { try models(["/"], [name: ["x"]]) }
  }

  @Test func `a name is given once, and loading on request needs a key`() {
    #expect {
      try models(["a=/"], ["served-model-name": ["b"]])
    } throws: { error in
      "\(error)".contains("leave one out")
    }
    #expect {
      try configuration(["allow-reload": "true"])
    } throws: { error in
      "\(error)".contains("--allow-reload needs --api-key")
    }
  }

  @Test func `a model that the caller downloads is kept by its name`() throws {
    var settings = ServerSettings(flags: ["model-id": ["org/model@v1"]]) { _ in nil }
    let configuration = try ServerConfiguration(
      settings: &settings, bundledModel: { "" }, isRepository: { $0 == "org/model@v1" })
    #expect(configuration.modelDirectory == "org/model@v1")
  }

  @Test func `HOSTNAME counts only if it is an address`() throws {
    #expect(try configuration([:], ["HOSTNAME": "5f2c1d"]).0.hostname == "0.0.0.0")
    #expect(try configuration([:], ["HOSTNAME": "127.0.0.1"]).0.hostname == "127.0.0.1")
    #expect(try configuration(["hostname": "localhost"]).0.hostname == "localhost")
  }

  @Test(arguments: [
    ("warn", Logger.Level.warning, 0), ("OFF", .critical, 0), ("info,hyper=debug", .info, 1),
    ("hyper=debug,error", .error, 1), ("", .info, 0),
  ])
  func `LOG_LEVEL is read as tracing reads it`(
    value: String, expected: Logger.Level, warningCount: Int
  ) throws {
    let (configuration, warnings) = try configuration([:], ["LOG_LEVEL": value])
    #expect(configuration.logLevel == expected && warnings.count == warningCount)
  }
}
#endif
