#if Server
import SwiftletJSON

/// The body of `POST /decode`.
struct DecodeRequest: Equatable, Sendable {
  /// The ids of one text, or of several.
  enum IDs: Equatable, Sendable {
    case single([Int])
    case batch([[Int]])
  }

  var ids: IDs
  var skipSpecialTokens = true
}

extension DecodeRequest {
  static let options = ["skip_special_tokens"]

  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = DecodeRequest(ids: .single([]))
      try reader.fields(required: ["ids"]) { (key, reader) throws(RequestError) in
        guard key == "ids" else {
          return try reader.option(key, of: Self.options) { (_, reader) throws(RequestError) in
            request.skipSpecialTokens = try reader.bool()
          }
        }
        request.ids = try IDs(&reader)
        return true
      }
      return request
    }
  }
}

extension DecodeRequest.IDs {
  /// An empty list is one text without tokens.
  fileprivate init(_ reader: inout RequestReader) throws(RequestError) {
    var ids: [Int] = []
    var batch: [[Int]] = []
    try reader.elements { (reader) throws(RequestError) in
      switch try reader.peek() {
      case .number where batch.isEmpty: ids.append(try reader.tokenID())
      case .array where ids.isEmpty: batch.append(try reader.tokenIDs())
      default: throw reader.shape("expected a list of token ids, or a list of such lists")
      }
    }
    self = batch.isEmpty ? .single(ids) : .batch(batch)
  }
}
#endif
