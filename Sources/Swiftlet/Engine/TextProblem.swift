import SwiftletEncoder
import SwiftletTokenizer

/// Why there is no answer to a text. Each description goes on from the text's name.
///
/// Models whose files don't belong together give ``unknownToken(id:vocabularySize:)``,
/// ``unknownTokenType(typeID:typeCount:)`` and ``noTokens``, whatever the task.
public enum TextProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// It has more tokens than the model takes, and `longText` is `.error`.
  case tooLong(tokenCount: Int, maxLength: Int)
  /// The vocabulary gave it a token for which the model has no embedding.
  case unknownToken(id: Int, vocabularySize: Int)
  /// The tokenizer gave it, or the pair that it is part of, a token type for which the model has no
  /// embedding: most models know 0 and 1, for the first and the second text of a pair.
  case unknownTokenType(typeID: Int, typeCount: Int)
  /// The tokenizer makes no token at all of it: it is empty, and the model's `tokenizer.json` puts no
  /// special tokens around it.
  case noTokens
  /// It is empty, or the question that it is to answer is.
  case emptyQuestion
  /// The question about it leaves no room for a token of it among those that the model sees at a time.
  case questionTooLong(tokenCount: Int, maxLength: Int)
  /// It has no mask token to be filled, or not in the part that the model sees.
  case noMask
  /// It is to be cut into windows in which it has no room, or no more than the stride that neighbours
  /// have in common.
  case noRoomForWindows(maxLength: Int, stride: Int)

  /// What was found, and what to do, as in "has 600 tokens, but the model takes at most 512; …".
  public var description: String {
    switch self {
    case .tooLong(let tokenCount, let maxLength):
      "has \(tokenCount) tokens, but the model takes at most \(maxLength); shorten it, or have "
        + "long texts truncated"
    case .unknownToken(let id, let vocabularySize):
      "has a token \(id), but the model has only \(vocabularySize) embeddings; vocabulary and weights "
        + "don't belong together"
    case .unknownTokenType(let typeID, let typeCount):
      "has tokens of type \(typeID), but the model has only \(typeCount) token "
        + "type\(typeCount == 1 ? "" : "s") (\"type_vocab_size\"); a model with one can't tell the two "
        + "texts of a pair apart"
    case .noTokens:
      "has no tokens: the tokenizer of this model puts no special tokens around a text, and without "
        + "any there is nothing to compute; leave empty texts out, or give tokenizer.json a "
        + "post_processor"
    case .emptyQuestion:
      "is empty, or the question about it is; both need at least a character"
    case .questionTooLong(let tokenCount, let maxLength):
      "has a question of \(tokenCount) tokens, which leaves the text no room in the \(maxLength) "
        + "that the model sees at a time; shorten the question, or have it cut (maxQuestionLength, "
        + "--max-question-length)"
    case .noMask:
      "has no mask token ([MASK]) among the tokens that the model sees; put one where a word is to be "
        + "found"
    case .noRoomForWindows(let length, let stride):
      "can't be cut up: \(TokenizerError.noRoomForWindows(maxLength: length, stride: stride))"
    }
  }
}

extension TextProblem {
  init(_ problem: SequenceProblem) {
    switch problem {
    case .empty: self = .noTokens
    case .tooLong(let count, let maximum):
      self = .tooLong(tokenCount: count, maxLength: maximum)
    case .unknownToken(let id, let size): self = .unknownToken(id: id, vocabularySize: size)
    case .unknownType(let id, let count): self = .unknownTokenType(typeID: id, typeCount: count)
    case .unevenTypes: preconditionFailure("a tokenizer has one type for each id")
    }
  }
}
