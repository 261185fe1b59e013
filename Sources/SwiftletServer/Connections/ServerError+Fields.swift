#if Server
import HTTPTypes

extension ServerError {
  /// The header fields that belong to the status.
  var fields: HTTPFields {
    switch status {
    case 401: [.wwwAuthenticate: "Bearer"]
    case 415: [.acceptEncoding: ContentCoding.accepted]
    // Seconds. A busy server has room sooner than that, and another server at once.
    case 429, 503: [.retryAfter: "1"]
    default: [:]
    }
  }
}
#endif
