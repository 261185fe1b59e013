#if Server
import SwiftletJSON

/// A text, or the ids of its tokens.
enum EmbedInput: Equatable, Sendable {
  case text(String)
  case ids([Int])
}

/// The inputs to embed.
enum EmbedInputs: Equatable, Sendable {
  case single(EmbedInput)
  case batch([EmbedInput])
}

/// The body of `POST /embed` and `POST /embed_all`.
struct EmbedRequest: Equatable, Sendable {
  var inputs: EmbedInputs
  /// nil uses the server's default.
  var truncate: Bool?
  var truncationDirection = TruncationDirection.right
  var promptName: String?
  /// Whether rows are scaled to length 1; nil uses the route's default: true for `/embed`, false
  /// for `/embed_all`.
  var normalize: Bool?
  /// Number of coordinates to keep, before normalisation; nil for all.
  var dimensions: Int?
}

extension EmbedRequest {
  static let options = [
    "dimensions", "normalize", "prompt_name", "truncate", "truncation_direction",
  ]

  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = EmbedRequest(inputs: .batch([]))
      try reader.fields(required: ["inputs"]) { (key, reader) throws(RequestError) in
        guard key == "inputs" else {
          return try reader.option(key, of: Self.options) { (name, reader) throws(RequestError) in
            switch name {
            case "truncate": request.truncate = try reader.bool()
            case "truncation_direction":
              request.truncationDirection = try reader.truncationDirection()
            case "prompt_name": request.promptName = try reader.string()
            case "normalize": request.normalize = try reader.bool()
            default: request.dimensions = try reader.count()
            }
          }
        }
        request.inputs = try EmbedInputs(&reader)
        return true
      }
      return request
    }
  }
}

extension EmbedInputs {
  /// A text or a list of ids is one input; a list of texts, of lists of ids, or of both is a batch.
  /// An empty list is one input without ids.
  init(_ reader: inout RequestReader) throws(RequestError) {
    switch try reader.peek() {
    case .string:
      self = .single(.text(try reader.string()))
      return
    case .array: break
    default: throw reader.shape(Self.expected)
    }
    var ids: [Int] = []
    var batch: [EmbedInput] = []
    try reader.elements { (reader) throws(RequestError) in
      switch try reader.peek() {
      case .number where batch.isEmpty: ids.append(try reader.tokenID())
      case .string where ids.isEmpty: batch.append(.text(try reader.string()))
      case .array where ids.isEmpty: batch.append(.ids(try reader.tokenIDs()))
      default:
        throw reader.shape(Self.expected)
      }
    }
    self = batch.isEmpty ? .single(.ids(ids)) : .batch(batch)
  }

  private static let expected =
    "expected a text, a list of token ids, or a list of texts and such lists"
}
#endif
