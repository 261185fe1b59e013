#if Server
import Swiftlet
import SwiftletJSON

/// A text, or two that are classified together.
struct TextInput: Equatable, Sendable {
  var text: String
  var pair: String?
}

/// The inputs to classify; the response to a batch is a list.
enum PredictInputs: Equatable, Sendable {
  case single(TextInput)
  case batch([TextInput])
}

/// The body of `POST /predict`.
struct PredictRequest: Equatable, Sendable {
  var inputs: PredictInputs
  /// nil uses the server's default.
  var truncate: Bool?
  var truncationDirection = TruncationDirection.right
  /// Turns logits into scores; nil for the model's own function.
  var scoreFunction: ScoreFunction?
  /// Maximum number of labels, the best ones; nil for all.
  var topK: Int?
}

extension PredictRequest {
  static let options = [
    "function_to_apply", "raw_scores", "top_k", "truncate", "truncation_direction",
  ]

  init(json: [UInt8]) throws(RequestError) {
    self = try RequestReader.read(json) { (reader) throws(RequestError) in
      var request = PredictRequest(inputs: .batch([]))
      var rawScores = false
      try reader.fields(required: ["inputs"]) { (key, reader) throws(RequestError) in
        guard key == "inputs" else {
          return try reader.option(key, of: Self.options) { (name, reader) throws(RequestError) in
            switch name {
            case "raw_scores": rawScores = try reader.bool()
            default: try request.readOption(name, &reader)
            }
          }
        }
        request.inputs = try PredictInputs(&reader)
        return true
      }
      if rawScores {
        guard request.scoreFunction.map({ $0 == ScoreFunction.none }) ?? true else {
          throw reader.shape(
            "`raw_scores` asks for logits and `function_to_apply` for scores; leave one of them out"
          )
        }
        request.scoreFunction = ScoreFunction.none
      }
      return request
    }
  }

  private mutating func readOption(
    _ name: String, _ reader: inout RequestReader
  ) throws(RequestError) {
    switch name {
    case "truncate": truncate = try reader.bool()
    case "truncation_direction": truncationDirection = try reader.truncationDirection()
    case "top_k": topK = try reader.integer(in: 1...Int(Int32.max))
    default:
      scoreFunction = try reader.choice(
        ["none": ScoreFunction.none, "sigmoid": .sigmoid, "softmax": .softmax],
        expected: #""sigmoid", "softmax" or "none""#)
    }
  }
}

extension PredictInputs {
  /// `"text"`, `["text"]` and `["text", "pair"]` are one input, a list of such lists is a batch.
  /// Two strings are a pair, never a batch.
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
