import SwiftletEncoder
import SwiftletTokenizer

/// Why a text can't be computed. A description is a predicate with the text as its subject.
///
/// ``unknownToken(id:vocabularySize:)``, ``unknownTokenType(typeID:typeCount:)`` and ``noTokens``
/// mean that the model's files do not match; every task can throw them.
public enum TextProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text has more tokens than the model's maximum, and `longText` is `.error`.
  case tooLong(tokenCount: Int, maxLength: Int)
  /// The text has a token for which the model has no embedding.
  case unknownToken(id: Int, vocabularySize: Int)
  /// The text, or its pair, has a token type for which the model has no embedding: most models have
  /// 0 and 1, for the first and the second text of a pair.
  case unknownTokenType(typeID: Int, typeCount: Int)
  /// The text has no tokens: it is empty, and the model's `tokenizer.json` adds no special tokens.
  case noTokens
  /// The text or its question is empty.
  case emptyQuestion
  /// The question leaves no room for a token of the text in a window.
  case questionTooLong(tokenCount: Int, maxLength: Int)
  /// The text has no mask token, or none before the end of the truncated text.
  case noMask
  /// The windows leave room for at most `stride` tokens of the text.
  case noRoomForWindows(maxLength: Int, stride: Int)

  /// What is wrong and what to do, as in "has 600 tokens, but the model takes at most 512; …".
  public var description: String {
    switch self {
    case .tooLong(let tokenCount, let maxLength):
      "has \(tokenCount) tokens, but the model takes at most \(maxLength); shorten it, or enable "
        + "truncation"
    case .unknownToken(let id, let vocabularySize):
      "has the token \(id), but the model has only \(vocabularySize) embeddings; use the vocabulary "
        + "and the weights of the same model"
    case .unknownTokenType(let typeID, let typeCount):
      "has tokens of type \(typeID), but the model has only \(typeCount) token "
        + "type\(typeCount == 1 ? "" : "s") (\"type_vocab_size\"); a model with one type does not "
        + "support pairs of texts"
    case .noTokens:
      "has no tokens, because the model's tokenizer adds no special tokens; leave out empty texts, or "
        + "add a post_processor to tokenizer.json"
    case .emptyQuestion:
      "is empty, or its question is; both need at least one character"
    case .questionTooLong(let tokenCount, let maxLength):
      "has a question of \(tokenCount) tokens, which leaves no room for the text in a window of "
        + "\(maxLength); shorten the question, or set maxQuestionLength (--max-question-length)"
    case .noMask:
      "has no mask token ([MASK]) within the maximum length; put one in place of the missing word"
    case .noRoomForWindows(let length, let stride):
      "can't be split: \(TokenizerError.noRoomForWindows(maxLength: length, stride: stride))"
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
