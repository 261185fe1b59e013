#if Server
import HTTPTypes
import Hummingbird

/// Cross-Origin Resource Sharing of the Fetch standard: which pages may call the server from a
/// browser.
struct CrossOrigin: Sendable {
  /// Empty for any origin.
  private let origins: [String]

  init(origins: [String]) {
    let origins = origins.map { Self.origin($0) ?? $0 }
    self.origins = origins.contains("*") ? [] : origins
  }

  static let expectedOrigin = "an origin as in https://example.com or http://localhost:8080, or *"

  /// An origin as browsers write it: scheme and host in lower case, and the port unless it is the
  /// scheme's default. `*` is any origin, `null` that of a page without one. Returns nil if the
  /// text is not an origin.
  static func origin(_ text: String) -> String? {
    let text = text.lowercased()
    if text == "*" || text == "null" { return text }
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let first = parts[0].utf8.first, (0x61...0x7A).contains(first),
      consists(parts[0], of: "+-.")
    else { return nil }
    // The colons of an IPv6 address are within brackets.
    let (authority, isAddress) = (parts[1], parts[1].hasPrefix("["))
    let hostEnd =
      isAddress
      ? authority.firstIndex(of: "]").map { authority.index(after: $0) } ?? authority.startIndex
      : authority.firstIndex(of: ":") ?? authority.endIndex
    let (host, port) = (authority[..<hostEnd], authority[hostEnd...])
    guard !host.isEmpty, consists(host, of: isAddress ? "[:]." : "-._") else { return nil }
    guard !port.isEmpty else { return text }
    guard port.first == ":", let number = UInt16(port.dropFirst()) else { return nil }
    let isDefault = ["http": 80, "https": 443][String(parts[0])] == number
    return "\(parts[0])://\(host)" + (isDefault ? "" : ":\(number)")
  }

  /// Whether a text consists of lower-case letters, digits and these characters.
  private static func consists(_ text: Substring, of others: String) -> Bool {
    text.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || others.utf8.contains(byte)
    }
  }

  /// The response to a preflight request; nil for any other request.
  func preflight(_ request: Request) -> Response? {
    guard request.method == .options, request.headers[.origin] != nil,
      request.headers[.accessControlRequestMethod] != nil
    else { return nil }
    var response = Response(status: .ok)
    response.headers[.accessControlAllowMethods] = "GET, POST"
    response.headers[.accessControlAllowHeaders] =
      "authorization, content-encoding, content-type, traceparent, tracestate, x-request-id"
    response.headers[.accessControlMaxAge] = "600"
    allow(request, &response)
    response.headers[.accessControlExposeHeaders] = nil
    return response
  }

  /// Fields of responses that a page may read.
  private static let exposed =
    (["accept-encoding", "allow", "retry-after", "www-authenticate", "x-request-id"]
    + ComputeHeaders.all.map(\.name.canonicalName)).joined(separator: ", ")

  /// Tells the browser whether the page may see a response, and which of its fields.
  func allow(_ request: Request, _ response: inout Response) {
    if origins.isEmpty {
      guard request.headers[.origin] != nil else { return }
      response.headers[.accessControlAllowOrigin] = "*"
    } else {
      let others = response.headers[.vary].map { "\($0), " } ?? ""
      response.headers[.vary] = others + "Origin"
      guard let origin = request.headers[.origin], origins.contains(origin) else { return }
      response.headers[.accessControlAllowOrigin] = origin
    }
    response.headers[.accessControlExposeHeaders] = Self.exposed
  }
}
#endif
