#if Server
import SwiftletJSON

/// The body of `POST /similarity`.
struct SimilarityRequest: Equatable, Sendable {
  var sourceSentence: String
  var sentences: [String]
  /// nil uses the server's default.
  var truncate: Bool?
  var truncationDirection = TruncationDirection.right
  var promptName: String?
}

extension SimilarityRequest {
  static let options = ["prompt_name", "truncate", "truncation_direction"]

  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = SimilarityRequest(sourceSentence: "", sentences: [])
      try reader.fields(required: ["inputs"]) { (key, reader) throws(RequestError) in
        guard key == "inputs" else {
          return try reader.option(key, of: Self.options) { (name, reader) throws(RequestError) in
            switch name {
            case "truncate": request.truncate = try reader.bool()
            case "truncation_direction":
              request.truncationDirection = try reader.truncationDirection()
            default: request.promptName = try reader.string()
            }
          }
        }
        try request.readInputs(&reader)
        return true
      }
      return request
    }
  }

  private mutating func readInputs(_ reader: inout RequestReader) throws(RequestError) {
    var inputs = self
    try reader.fields(
      required: ["source_sentence", "sentences"]
    ) { (key, reader) throws(RequestError) in
      switch key {
      case "source_sentence": inputs.sourceSentence = try reader.string()
      case "sentences": inputs.sentences = try reader.strings()
      default: return false
      }
      return true
    }
    self = inputs
  }
}
#endif
