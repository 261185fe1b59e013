#if Server
/// The codings of a response that a client accepts (RFC 9110, section 12.5.3).
struct AcceptedCodings: Equatable, Sendable {
  /// Whether the client accepts gzip, and does not prefer the body as it is.
  let gzip: Bool
  /// Whether the client accepts the body as it is.
  let identity: Bool

  /// - Parameter field: The value of `Accept-Encoding`; nil if the request has none.
  init(_ field: String?) {
    var weights: [String: Double] = [:]
    for element in (field ?? "").lowercased().split(separator: ",") {
      let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let name = parts.first, !name.isEmpty else { continue }
      weights[name == "x-gzip" ? "gzip" : name] = Self.weight(parts.dropFirst())
    }
    let gzipWeight = weights["gzip"] ?? weights["*"] ?? 0
    gzip = gzipWeight > 0 && gzipWeight >= weights["identity"] ?? 0
    identity = (weights["identity"] ?? weights["*"] ?? 1) > 0
  }

  /// The parameter `q`, from 0 to 1; 1 without it, and 0 if it is not a weight.
  private static func weight(_ parameters: ArraySlice<String>) -> Double {
    guard let text = parameters.first(where: { $0.hasPrefix("q=") }) else { return 1 }
    guard let weight = Double(text.dropFirst(2)), (0...1).contains(weight) else { return 0 }
    return weight
  }
}
#endif
