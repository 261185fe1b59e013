#if Hub
/// An address of HTTP or HTTPS, taken apart.
struct HubURL: Hashable, Sendable, CustomStringConvertible {
  /// `http` or `https`.
  let scheme: String
  /// In lower case, an IPv6 address with its brackets.
  let host: String
  let port: Int
  /// The path and the query; it starts with a slash.
  let target: String

  /// Nil for another scheme, a user name, and for bytes that an address can't have. A fragment is
  /// dropped.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.allSatisfy({ (0x21..<0x7F).contains($0) }) else { return nil }
    guard let mark = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    let rest = text[mark.upperBound...].prefix { $0 != "#" }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard let (host, port) = Self.hostAndPort(authority) else { return nil }
    let target = String(rest[authority.endIndex...])
    self.init(
      scheme: scheme, host: host, port: port ?? (scheme == "http" ? 80 : 443), target: target)
  }

  private init(scheme: String, host: String, port: Int, target: String) {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.target = target.hasPrefix("/") ? target : "/" + target
  }

  private static func hostAndPort(_ authority: Substring) -> (String, Int?)? {
    guard !authority.contains("@") else { return nil }
    let isAddress = authority.first == "["
    let end =
      isAddress
      ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.firstIndex(of: ":")
    let host = authority[..<(end ?? authority.endIndex)].lowercased()
    guard !host.isEmpty, !isAddress || end != nil else { return nil }
    guard let end, end < authority.endIndex else { return (host, nil) }
    guard authority[end] == ":", let port = UInt16(authority[authority.index(after: end)...]) else {
      return nil
    }
    return (host, Int(port))
  }

  /// Scheme, host and port, to compare where an address leads.
  var origin: String { "\(scheme)://\(host):\(port)" }

  var description: String {
    let isDefault = port == (scheme == "http" ? 80 : 443)
    return "\(scheme)://\(host)" + (isDefault ? "" : ":\(port)") + target
  }

  /// The address without its query, which may hold a signature.
  var page: String { String(description.prefix { $0 != "?" }) }

  /// The address with `path` appended, whose parts are encoded already.
  func appending(_ path: String) -> HubURL {
    var base = target[...]
    while base.last == "/" { base.removeLast() }
    return HubURL(scheme: scheme, host: host, port: port, target: base + path)
  }

  /// The address that a `Location` or `Link` field means; nil if it is not one of HTTP.
  func resolving(_ reference: String) -> HubURL? {
    if reference.hasPrefix("//") { return HubURL("\(scheme):\(reference)") }
    let isAbsolute = reference.prefix { !"/?#".contains($0) }.contains(":")
    if isAbsolute { return HubURL(reference) }
    let start = "\(scheme)://\(host):\(port)"
    if reference.hasPrefix("/") { return HubURL(start + reference) }
    let path = target.prefix { $0 != "?" }
    if reference.hasPrefix("?") { return HubURL(start + path + reference) }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
    return HubURL(start + folder + reference)
  }

  /// Encodes the bytes of a text that a part of a path can't have; slashes too unless they are kept.
  static func encoded(_ text: String, keepingSlashes: Bool = false) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
      let isKept = byte.isNameByte || byte == UInt8(ascii: "~")
      if isKept || keepingSlashes && byte == UInt8(ascii: "/") {
        result.append(byte)
      } else {
        result +=
          Array("%".utf8)
          + [byte >> 4, byte & 15].map { digit in
            digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "A")
          }
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
#endif
