#if Server
import SwiftletJSON

/// The body of `POST /v1/embeddings`, as OpenAI's clients send it.
struct OpenAIEmbeddingsRequest: Equatable, Sendable {
  /// How the numbers of an embedding are written.
  enum EncodingFormat: String, Sendable {
    case float
    /// Base64 of little-endian floats.
    case base64
  }

  var input: EmbedInputs
  /// Not looked at: there is but one model.
  var model: String?
  var user: String?
  var encodingFormat = EncodingFormat.float
  var dimensions: Int?
}

extension OpenAIEmbeddingsRequest {
  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = OpenAIEmbeddingsRequest(input: .batch([]))
      try reader.fields(required: ["input"]) { (key, reader) throws(RequestError) in
        switch key {
        case "input": request.input = try EmbedInputs(&reader)
        case "model": request.model = try reader.optionalString()
        case "user": request.user = try reader.optionalString()
        case "encoding_format": request.encodingFormat = try EncodingFormat(&reader)
        case "dimensions": request.dimensions = try reader.optionalCount()
        default: return false
        }
        return true
      }
      return request
    }
  }
}

extension OpenAIEmbeddingsRequest.EncodingFormat {
  fileprivate init(_ reader: inout RequestReader) throws(RequestError) {
    guard let format = Self(rawValue: try reader.string()) else {
      throw reader.shape("expected \"float\" or \"base64\"")
    }
    self = format
  }
}
#endif
