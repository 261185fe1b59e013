#if Server
import SwiftletJSON

/// The body of `POST /v1/embeddings`, as OpenAI's clients send it.
struct OpenAIEmbeddingsRequest: Equatable, Sendable {
  /// The encoding of an embedding's numbers.
  enum EncodingFormat: Sendable {
    case float
    /// Base64 of little-endian floats.
    case base64
  }

  var input: EmbedInputs
  /// The name of one of the server's models; see ``RouteCall/selecting(_:)``.
  var model: String?
  var user: String?
  var encodingFormat = EncodingFormat.float
  var dimensions: Int?
}

extension OpenAIEmbeddingsRequest {
  static let options = ["dimensions", "encoding_format", "model", "user"]

  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = OpenAIEmbeddingsRequest(input: .batch([]))
      try reader.fields(required: ["input"]) { (key, reader) throws(RequestError) in
        guard key == "input" else {
          return try reader.option(key, of: Self.options) { (name, reader) throws(RequestError) in
            switch name {
            case "model": request.model = try reader.string()
            case "user": request.user = try reader.string()
            case "encoding_format":
              request.encodingFormat = try reader.choice(
                ["float": .float, "base64": .base64], expected: #""float" or "base64""#)
            default: request.dimensions = try reader.count()
            }
          }
        }
        request.input = try EmbedInputs(&reader)
        return true
      }
      return request
    }
  }
}
#endif
