#if Server
/// The pages of the server, UTF-8, to be sent as `text/html; charset=utf-8`.
///
/// Each is one document without external assets, so that it works in closed networks. Its
/// Content-Security-Policy allows requests only to the server that it came from. URLs are relative
/// to the page, so that it works under any path of a proxy. Responses are inserted as text only.
enum Page {
  static let contentType = "text/html; charset=utf-8"
  /// `GET /ui`: tries the model. `#text=…` fills in a text and sends it.
  static let ui = document(PackageResources.ui_html)
  /// `GET /docs`: shows `/api-doc/openapi.json`.
  static let docs = document(PackageResources.docs_html)

  /// The page with the elements of `head.html`, which all pages share.
  private static func document(_ page: [UInt8]) -> [UInt8] {
    let head = String(decoding: PackageResources.head_html, as: UTF8.self)
    let parts = String(decoding: page, as: UTF8.self)
      .split(separator: "<!-- head.html -->\n", omittingEmptySubsequences: false)
    return Array(parts.joined(separator: head).utf8)
  }
}
#endif
