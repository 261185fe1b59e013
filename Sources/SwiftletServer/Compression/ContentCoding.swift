#if Server
/// The compression of a request's body.
enum ContentCoding: String, Sendable {
  case gzip
  /// The zlib format (RFC 1950), as the standard says, or raw deflate data (RFC 1951), which some
  /// clients send.
  case deflate

  /// The value of `Accept-Encoding` in a refusal.
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
