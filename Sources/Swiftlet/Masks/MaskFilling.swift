/// The predicted tokens for each `[MASK]` of a text.
public struct MaskFilling: Sendable, Equatable {
  /// The candidates for each mask in the order of the text, the most likely first. Masks are
  /// predicted independently.
  public let masks: [[MaskCandidate]]
  /// The number of tokens before truncation, special tokens included.
  public let tokenCount: Int
  /// Whether the text was truncated.
  public let isTruncated: Bool

  /// Creates a result from its parts, for tests of code that uses it.
  public init(masks: [[MaskCandidate]], tokenCount: Int = 0, isTruncated: Bool = false) {
    self.masks = masks
    self.tokenCount = tokenCount
    self.isTruncated = isTruncated
  }
}

/// A predicted token for a mask.
public struct MaskCandidate: Sendable, Equatable {
  /// The decoded token.
  public let token: String
  /// The id of the token.
  public let tokenID: Int32
  /// The probability of the token over the whole vocabulary.
  public let score: Float
  /// The text with the token in place of the mask. In a text with several masks it includes the
  /// other masks and the special tokens.
  public let sequence: String

  /// Creates a result from its parts, for tests of code that uses it.
  public init(token: String, tokenID: Int32, score: Float, sequence: String) {
    self.token = token
    self.tokenID = tokenID
    self.score = score
    self.sequence = sequence
  }
}

/// Options of mask filling; the defaults are those of transformers' pipeline.
public struct MaskFillingOptions: Sendable, Equatable {
  /// The maximum number of candidates for each mask.
  public var topK: Int
  /// The tokens to choose from; nil for the whole vocabulary. A target that is not in the
  /// vocabulary is replaced by its first token. Targets do not change the scores.
  public var targets: [String]?
  /// What to do with texts that have more tokens than the model's maximum; `.window` is an error.
  public var longText: LongText

  /// Creates options; each has a default.
  public init(topK: Int = 5, targets: [String]? = nil, longText: LongText = .truncate) {
    self.topK = topK
    self.targets = targets
    self.longText = longText
  }
}
