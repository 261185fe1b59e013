/// How well labels fit one text.
public struct ZeroShotClassification: Sendable, Equatable {
  /// All labels, the best first.
  public let labels: [LabelScore]
  /// Tokens of the text with the longest hypothesis, special ones included, before truncation.
  public let tokenCount: Int
  /// Whether the model saw only the beginning of the text.
  public let isTruncated: Bool
}

/// How texts are classified by labels of one's own; the defaults are those of transformers' pipeline.
public struct ZeroShotOptions: Sendable, Equatable {
  /// The sentence that a text is said to entail, as Python's `str.format` reads it: the label stands
  /// at `{}`, or wherever there is `{0}`; `{{` and `}}` are braces.
  public var hypothesisTemplate: String
  /// Whether any number of labels may apply: each has a score between 0 and 1 of its own. Otherwise
  /// the scores add up to 1.
  public var multiLabel: Bool
  /// What happens to texts with more tokens than the model takes; windows are an error.
  public var longText: LongText

  /// All defaults may stay.
  public init(
    hypothesisTemplate: String = "This example is {}.", multiLabel: Bool = false,
    longText: LongText = .truncate
  ) {
    self.hypothesisTemplate = hypothesisTemplate
    self.multiLabel = multiLabel
    self.longText = longText
  }
}
