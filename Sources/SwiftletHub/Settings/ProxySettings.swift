#if Hub
/// The proxies of HTTP that requests go through, from the variables that curl and Python read.
struct ProxySettings: Sendable {
  /// A proxy; its description does not show the password.
  struct Proxy: Sendable, Hashable, CustomStringConvertible {
    let host: String
    let port: Int
    /// Empty without an account.
    let user: String
    let password: String

    var description: String { "\(host):\(port)" }
  }

  /// For addresses of http.
  let http: Proxy?
  /// For addresses of https, which the proxy connects to without reading what is sent.
  let https: Proxy?
  /// Hosts that are reached without a proxy, in lower case, some with a port.
  private let exceptions: [String]

  /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, also in capitals.
  ///
  /// - Throws: ``HubError/invalidSetting(name:value:expected:)`` for another kind of proxy.
  init(_ environment: HubEnvironment) throws(HubError) {
    http = try Self.proxy(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"], environment)
    https = try Self.proxy(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"], environment)
    let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
    exceptions = list.lowercased().split(separator: ",").map { entry in
      let name = String(entry).trimmingWhiteSpace
      return name.hasPrefix("*.") ? String(name.dropFirst(2)) : String(name.drop { $0 == "." })
    }
  }

  /// The proxy of the first variable that is set; nil without one.
  private static func proxy(
    _ names: [String], _ environment: HubEnvironment
  ) throws(HubError) -> Proxy? {
    for name in names {
      guard let text = environment[name] else { continue }
      let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
      let authority = text[start...].prefix { $0 != "/" }
      let sign = authority.lastIndex(of: "@")
      let host = sign.map { authority[authority.index(after: $0)...] } ?? authority
      let scheme = text[..<start].lowercased()
      guard scheme.isEmpty || scheme == "http://", let url = HubURL("http://\(host)") else {
        // The value may have a password.
        throw .invalidSetting(
          name: name, value: "…", expected: "the address of an HTTP proxy, http://host:port")
      }
      let account = sign.map { authority[..<$0] } ?? ""
      let user = account.prefix { $0 != ":" }
      let password = account.dropFirst(user.count + 1)
      return Proxy(
        host: url.host, port: url.port, user: decoded(user), password: decoded(password))
    }
    return nil
  }

  /// The text with `%40` and the like replaced by their bytes.
  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2, digits.first != UInt8(ascii: "+"),
        let value = UInt8(String(Substring(digits)), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The proxy for an address; nil if it is reached without one.
  func proxy(for url: HubURL) -> Proxy? {
    let isExcepted = exceptions.contains { entry in
      entry == "*" || entry == "\(url.host):\(url.port)" || entry == url.host
        || "[\(entry)]" == url.host || !entry.isEmpty && url.host.hasSuffix(".\(entry)")
    }
    if isExcepted { return nil }
    return url.scheme == "http" ? http : https
  }
}
#endif
