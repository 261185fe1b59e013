#if Server
import HTTPTypes

extension ServerError {
  /// The fields that go with the status, for any way of answering.
  var fields: HTTPFields {
    switch status {
    case 401: [.wwwAuthenticate: "Bearer"]
    case 415: [.acceptEncoding: ContentCoding.accepted]
    // In seconds. A busy server is free again sooner than that, another one is at once.
    case 429, 503: [.retryAfter: "1"]
    default: [:]
    }
  }
}
#endif
