#if Server
/// How the body of a request is compressed.
enum ContentCoding: Sendable {
  case gzip
  /// The zlib format (RFC 1950), as the name means, or its data alone (RFC 1951), as some clients send.
  case deflate

  /// What `Accept-Encoding` says of a refusal.
  static let accepted = "gzip, deflate"

  /// The coding that a field `Content-Encoding` names; nil for none.
  ///
  /// - Throws: ``ServerError/unsupportedEncoding(_:)`` for any other, and for several.
  static func named(_ field: String?) throws(ServerError) -> ContentCoding? {
    guard let field else { return nil }
    switch field.lowercased().filter({ $0 != " " && $0 != "\t" }) {
    case "", "identity": return nil
    case "gzip", "x-gzip": return .gzip
    case "deflate": return .deflate
    default: throw .unsupportedEncoding(field)
    }
  }
}
#endif
