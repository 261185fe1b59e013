import SwiftletEncoder
import SwiftletKernels
import SwiftletTokenizer

/// What can go wrong between a directory, a text and an answer. Each description says what was
/// found and what to do about it.
public enum SwiftletError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model's directory or a file in it is not there, or can't be read.
  case missingFile(reason: String)
  /// A file of the model is not what it should be: malformed, contradictory, of the wrong shape.
  case invalidModel(reason: String)
  /// The model is sound, but of a kind that Swiftlet does not run.
  case unsupportedModel(reason: String)
  /// The kernels or threads that the environment or the options ask for can't be had.
  case engine(reason: String)
  /// A file or folder can't be written, or may not be replaced.
  case unwritable(reason: String)
  /// A text has more tokens than the model takes, and `longText` is `.error`. `index` is the text's
  /// place among those that were given.
  case textTooLong(index: Int, tokenCount: Int, maximumLength: Int)
  /// The vocabulary gave a text a token for which the model has no embedding.
  case unknownToken(index: Int, id: Int, vocabularySize: Int)
  /// A tokenizer gave a text, or a pair, a token type for which the model has no embedding: most
  /// models know 0 and 1, for the first and the second text of a pair.
  case unknownTokenType(index: Int, typeID: Int, typeCount: Int)
  /// The tokenizer makes no token at all of a text: it is empty, and the model's `tokenizer.json` puts
  /// no special tokens around it.
  case noTokens(index: Int)
  /// A text to be filled has no mask token, or not in the part that the model sees.
  case noMask(index: Int)
  /// A text is to be cut into windows in which it has no room, or no more than the stride that
  /// neighbours have in common.
  case noRoomForWindows(index: Int, maximumLength: Int, stride: Int)
  /// An option has a value that makes no sense.
  case invalidOption(reason: String)

  /// What was found where, and what to do, in a sentence for people.
  public var description: String {
    switch self {
    case .missingFile(let reason), .invalidModel(let reason), .unsupportedModel(let reason),
      .engine(let reason), .invalidOption(let reason), .unwritable(let reason):
      reason
    case .textTooLong(let index, let tokenCount, let maximumLength):
      "text \(index + 1) has \(tokenCount) tokens, but the model takes at most \(maximumLength); "
        + "shorten it, or have long texts truncated"
    case .noTokens(let index):
      "text \(index + 1) has no tokens: the tokenizer of this model puts no special tokens around a "
        + "text, and without any there is nothing to classify; leave empty texts out, or give "
        + "tokenizer.json a post_processor"
    case .noMask(let index):
      "text \(index + 1) has no mask token ([MASK]) among the tokens that the model sees; put one where "
        + "a word is to be found"
    case .noRoomForWindows(let index, let length, let stride):
      "text \(index + 1): \(TokenizerError.noRoomForWindows(maxLength: length, stride: stride))"
    case .unknownTokenType(let index, let typeID, let typeCount):
      "text \(index + 1) has tokens of type \(typeID), but the model has only \(typeCount) token "
        + "type\(typeCount == 1 ? "" : "s") (\"type_vocab_size\"); a model with one can't tell the two "
        + "texts of a pair apart"
    case .unknownToken(let index, let id, let vocabularySize):
      "the vocabulary has a token \(id), which text \(index + 1) contains, but the model has only "
        + "\(vocabularySize) embeddings; vocabulary and weights don't belong together"
    }
  }
}

extension SwiftletError {
  /// Which of the texts it is about; nil for errors about none of them.
  package var textIndex: Int? {
    switch self {
    case .textTooLong(let index, _, _), .unknownToken(let index, _, _),
      .unknownTokenType(let index, _, _), .noRoomForWindows(let index, _, _),
      .noTokens(let index), .noMask(let index):
      index
    default: nil
    }
  }

  /// The same error for a text of a stream, `count` texts after the one that it names.
  func counting(from count: Int) -> SwiftletError {
    switch self {
    case .textTooLong(let index, let tokenCount, let maximumLength):
      .textTooLong(index: count + index, tokenCount: tokenCount, maximumLength: maximumLength)
    case .unknownToken(let index, let id, let vocabularySize):
      .unknownToken(index: count + index, id: id, vocabularySize: vocabularySize)
    case .unknownTokenType(let index, let typeID, let typeCount):
      .unknownTokenType(index: count + index, typeID: typeID, typeCount: typeCount)
    case .noRoomForWindows(let index, let maximumLength, let stride):
      .noRoomForWindows(index: count + index, maximumLength: maximumLength, stride: stride)
    case .noTokens(let index): .noTokens(index: count + index)
    case .noMask(let index): .noMask(index: count + index)
    default: self
    }
  }

  init(_ error: EncoderError) {
    switch error {
    case .unreadableConfiguration: self = .missingFile(reason: error.description)
    case .missingWeights(let reason): self = .missingFile(reason: reason)
    case .unsupportedArchitecture, .unsupportedFeature, .prunedHeads, .unsupportedQuantization:
      self = .unsupportedModel(reason: error.description)
    case .kernels(let reason): self = .engine(reason: reason)
    case .unwritable(let reason): self = .unwritable(reason: reason)
    case .alreadyQuantized: self = .invalidOption(reason: error.description)
    case .invalidConfiguration, .weights, .missingTensors, .wrongShape, .wrongType, .unknownFormat:
      self = .invalidModel(reason: error.description)
    }
  }

  /// For the text at `index` that can't be computed as it is.
  init(_ problem: SequenceProblem, index: Int) {
    switch problem {
    case .empty: self = .noTokens(index: index)
    case .tooLong(let count, let maximum):
      self = .textTooLong(index: index, tokenCount: count, maximumLength: maximum)
    case .unknownToken(let id, let vocabularySize):
      self = .unknownToken(index: index, id: id, vocabularySize: vocabularySize)
    case .unevenTypes(let count, let expected):
      self = .invalidOption(
        reason: "sequence \(index + 1) has \(expected) ids and \(count) token types; "
          + "give every id one, or none at all")
    case .unknownType(let id, let typeCount):
      self = .unknownTokenType(index: index, typeID: id, typeCount: typeCount)
    }
  }

  init(_ error: KernelsError) { self = .engine(reason: error.description) }

  init(_ error: TokenizerError) {
    switch error {
    case .unreadable, .directoryNotFound, .notADirectory, .vocabularyNotFound:
      self = .missingFile(reason: error.description)
    case .unsupported: self = .unsupportedModel(reason: error.description)
    default: self = .invalidModel(reason: error.description)
    }
  }
}
