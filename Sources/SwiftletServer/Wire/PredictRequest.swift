#if Server
import SwiftletJSON

/// A text, or two that are classified together.
struct TextInput: Equatable, Sendable {
  var text: String
  var pair: String?
}

/// What is to be classified; a batch is answered by a list of answers.
enum PredictInputs: Equatable, Sendable {
  case single(TextInput)
  case batch([TextInput])
}

/// The body of `POST /predict`.
struct PredictRequest: Equatable, Sendable {
  var inputs: PredictInputs
  /// nil: as the server has it.
  var truncate: Bool?
  var truncationDirection = TruncationDirection.right
  var rawScores = false
}

extension PredictRequest {
  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = PredictRequest(inputs: .batch([]))
      try reader.fields(required: ["inputs"]) { (key, reader) throws(RequestError) in
        switch key {
        case "inputs": request.inputs = try PredictInputs(&reader)
        case "truncate": request.truncate = try reader.optionalBool()
        case "truncation_direction":
          request.truncationDirection = try reader.truncationDirection()
        case "raw_scores": request.rawScores = try reader.bool()
        default: return false
        }
        return true
      }
      return request
    }
  }
}

extension PredictInputs {
  /// `"text"`, `["text"]` and `["text", "pair"]` are one input, a list of such lists is a batch. Two
  /// strings are a pair, never a batch.
  init(_ reader: inout RequestReader) throws(RequestError) {
    switch try reader.peek() {
    case .string:
      self = .single(TextInput(text: try reader.string()))
      return
    case .array: break
    default: throw reader.shape(Self.expected)
    }
    var texts: [String] = []
    var batch: [TextInput] = []
    try reader.elements { (reader) throws(RequestError) in
      let kind = try reader.peek()
      if kind == .array, texts.isEmpty {
        batch.append(try TextInput(list: reader.strings(), reader))
      } else if kind == .string, batch.isEmpty {
        texts.append(try reader.string())
      } else {
        throw reader.shape(Self.expected)
      }
    }
    self = batch.isEmpty ? .single(try TextInput(list: texts, reader)) : .batch(batch)
  }

  private static let expected =
    "expected a text, a list of one or two texts, or a list of such lists"
}

extension TextInput {
  fileprivate init(list texts: [String], _ reader: RequestReader) throws(RequestError) {
    guard let text = texts.first, texts.count <= 2 else {
      throw reader.shape(
        "expected a list of one text or of a pair of texts, found \(texts.count); "
          + "a batch is a list of such lists: [[\"a\"], [\"b\"], [\"c\"]]")
    }
    self.init(text: text, pair: texts.count == 2 ? texts[1] : nil)
  }
}
#endif
