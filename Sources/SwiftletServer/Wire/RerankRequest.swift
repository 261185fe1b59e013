#if Server
import SwiftletJSON

/// The body of `POST /rerank`.
struct RerankRequest: Equatable, Sendable {
  var query: String
  var texts: [String]
  /// nil uses the server's default.
  var truncate: Bool?
  var truncationDirection = TruncationDirection.right
  var rawScores = false
  var returnText = false
}

extension RerankRequest {
  static let options = ["raw_scores", "return_text", "truncate", "truncation_direction"]

  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = RerankRequest(query: "", texts: [])
      try reader.fields(required: ["query", "texts"]) { (key, reader) throws(RequestError) in
        switch key {
        case "query": request.query = try reader.string()
        case "texts": request.texts = try reader.strings()
        default:
          return try reader.option(key, of: Self.options) { (name, reader) throws(RequestError) in
            switch name {
            case "truncate": request.truncate = try reader.bool()
            case "truncation_direction":
              request.truncationDirection = try reader.truncationDirection()
            case "raw_scores": request.rawScores = try reader.bool()
            default: request.returnText = try reader.bool()
            }
          }
        }
        return true
      }
      return request
    }
  }
}
#endif
