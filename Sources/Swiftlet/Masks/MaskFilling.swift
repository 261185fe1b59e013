/// What the model would put in the place of each `[MASK]` of a text.
public struct MaskFilling: Sendable, Equatable {
  /// For each mask, in the order of the text, its candidates, the likeliest first. Masks are filled
  /// independently of each other.
  public let masks: [[MaskCandidate]]
  /// Tokens that the text has, special ones included, before truncation.
  public let tokenCount: Int
  /// Whether the model saw only the beginning of the text.
  public let isTruncated: Bool
}

/// A token in the place of a mask.
public struct MaskCandidate: Sendable, Equatable {
  /// The token as text, as the tokenizer decodes it.
  public let token: String
  /// The id of the token.
  public let tokenID: Int32
  /// Its probability among all tokens of the vocabulary.
  public let score: Float
  /// The text with the token in its place. Where it has several masks, the others stay, and so do
  /// the special tokens.
  public let sequence: String
}

/// How masks are filled; the defaults are those of transformers' pipeline.
public struct MaskFillingOptions: Sendable, Equatable {
  /// How many candidates to report for each mask, at most.
  public var topK: Int
  /// The only tokens to choose from; nil for the whole vocabulary. Of what the vocabulary lacks, the
  /// first token is taken. Scores are the same either way.
  public var targets: [String]?
  /// What happens to texts with more tokens than the model takes. Windows are an error, for a mask
  /// could stand in two.
  public var longText: LongText

  /// All defaults may stay.
  public init(topK: Int = 5, targets: [String]? = nil, longText: LongText = .truncate) {
    self.topK = topK
    self.targets = targets
    self.longText = longText
  }
}
