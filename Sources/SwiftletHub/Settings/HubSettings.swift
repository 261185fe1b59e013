#if Hub
import Swiftlet
import SwiftletSystem

/// The options and the environment variables of a ``Hub``, checked.
struct HubSettings: Sendable {
  let endpoint: HubURL
  /// The folder of the cache.
  let cache: String
  let token: HubToken?
  let isOffline: Bool
  /// Seconds that a request for metadata may take.
  let metadataTimeout: Int
  /// Seconds that a download may pause.
  let downloadTimeout: Int
  /// False if snapshots must have copies of the files instead of links.
  let usesLinks: Bool
  let userAgent: String
  /// The file of certificates in place of the system's; nil for the system's.
  let certificates: String?
  let proxies: ProxySettings

  static let defaultEndpoint = "https://huggingface.co"

  /// Reads the variables that huggingface_hub reads; options take their place.
  ///
  /// - Throws: ``HubError/invalidSetting(name:value:expected:)``.
  init(_ options: HubOptions, _ environment: HubEnvironment) throws(HubError) {
    let address = options.endpoint ?? environment["HF_ENDPOINT"] ?? Self.defaultEndpoint
    guard let endpoint = HubURL(address), !endpoint.target.contains("?") else {
      throw .invalidSetting(
        name: options.endpoint == nil ? "HF_ENDPOINT" : "endpoint", value: address,
        expected: "an address such as \(Self.defaultEndpoint)")
    }
    self.endpoint = endpoint
    if let folder = options.cache { cache = folder } else { cache = try environment.cache }
    token = try HubToken(options.token, environment)
    isOffline =
      options.isOffline
      ?? (environment.isTrue(
        environment["HF_HUB_OFFLINE"] == nil
          ? "TRANSFORMERS_OFFLINE" : "HF_HUB_OFFLINE"))
    metadataTimeout = try environment.seconds("HF_HUB_ETAG_TIMEOUT")
    downloadTimeout = try environment.seconds("HF_HUB_DOWNLOAD_TIMEOUT")
    usesLinks = !environment.isTrue("HF_HUB_DISABLE_SYMLINKS")
    certificates = environment["SSL_CERT_FILE"]
    proxies = try ProxySettings(environment)
    let origin = environment["HF_HUB_USER_AGENT_ORIGIN"].map { "; origin/\($0)" } ?? ""
    let name = "swiftlet/\(ProjectVersion.text)\(origin)"
    userAgent = String(decoding: name.utf8.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self)
  }

  /// Whether a token may be sent to an address: to the Hub that was named, and to the hosts of
  /// huggingface.co, to which mirrors redirect.
  func trusts(_ address: HubURL) -> Bool {
    address.origin == endpoint.origin || Self.hubOrigins.contains(address.origin)
  }

  private static let hubOrigins = [
    "https://huggingface.co:443", "https://hub-ci.huggingface.co:443", "https://hf.co:443",
  ]
}

/// A token of an account; its description does not show it.
struct HubToken: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  let text: String

  var description: String { "HubToken" }
  var customMirror: Mirror { Mirror(self, children: []) }

  /// The token of the options, or else of the environment; nil if none is to be sent.
  ///
  /// - Throws: ``HubError/invalidSetting(name:value:expected:)`` for characters that a header of HTTP
  ///   can't have.
  init?(_ token: HubOptions.Token, _ environment: HubEnvironment) throws(HubError) {
    let found: (text: String, source: String)?
    switch token {
    case .none: found = nil
    case .text(let text): found = (text, "the token")
    case .automatic: found = try environment.token
    }
    guard let found else { return nil }
    let text = found.text.trimmingWhiteSpace
    guard !text.isEmpty else { return nil }
    guard text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
      throw .invalidSetting(
        name: found.source, value: "…", expected: "a token of ASCII characters, as in hf_…")
    }
    self.text = text
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmingWhiteSpace: String {
    guard let start = firstIndex(where: { !$0.isWhitespace }),
      let end = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[start...end])
  }
}
#endif
