#if Server
import SwiftletJSON

/// The body of `POST /similarity`.
struct SimilarityRequest: Equatable, Sendable {
  var sourceSentence: String
  var sentences: [String]
  /// nil: as the server has it.
  var truncate: Bool?
  var truncationDirection = TruncationDirection.right
  var promptName: String?
}

extension SimilarityRequest {
  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = SimilarityRequest(sourceSentence: "", sentences: [])
      try reader.fields(required: ["inputs"]) { (key, reader) throws(RequestError) in
        switch key {
        case "inputs": try request.readInputs(&reader)
        case "parameters": if try !reader.isNull() { try request.readParameters(&reader) }
        default: return false
        }
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

  private mutating func readParameters(_ reader: inout RequestReader) throws(RequestError) {
    var parameters = self
    try reader.fields(required: []) { (key, reader) throws(RequestError) in
      switch key {
      case "truncate": parameters.truncate = try reader.optionalBool()
      case "truncation_direction":
        parameters.truncationDirection = try reader.truncationDirection()
      case "prompt_name": parameters.promptName = try reader.optionalString()
      default: return false
      }
      return true
    }
    self = parameters
  }
}
#endif
