#if Server
import SwiftletJSON

/// The body of `POST /tokenize`.
struct TokenizeRequest: Equatable, Sendable {
  /// One text, or several; the answer is a list for each text either way.
  enum Inputs: Equatable, Sendable {
    case single(String)
    case batch([String])
  }

  var inputs: Inputs
  var addSpecialTokens = true
  var promptName: String?
}

extension TokenizeRequest {
  static let options = ["add_special_tokens", "prompt_name"]

  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = TokenizeRequest(inputs: .batch([]))
      try reader.fields(required: ["inputs"]) { (key, reader) throws(RequestError) in
        guard key == "inputs" else {
          return try reader.option(key, of: Self.options) { (name, reader) throws(RequestError) in
            switch name {
            case "prompt_name": request.promptName = try reader.string()
            default: request.addSpecialTokens = try reader.bool()
            }
          }
        }
        request.inputs = try Inputs(&reader)
        return true
      }
      return request
    }
  }
}

extension TokenizeRequest.Inputs {
  fileprivate init(_ reader: inout RequestReader) throws(RequestError) {
    switch try reader.peek() {
    case .string: self = .single(try reader.string())
    case .array: self = .batch(try reader.strings())
    default: throw reader.shape("expected a text or a list of texts")
    }
  }
}
#endif
