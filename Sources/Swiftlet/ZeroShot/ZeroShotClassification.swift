/// The scores of the labels of one text.
public struct ZeroShotClassification: Sendable, Equatable {
  /// All labels, best first.
  public let labels: [LabelScore]
  /// The number of tokens of the text with the longest hypothesis before truncation, special tokens
  /// included.
  public let tokenCount: Int
  /// Whether the text was truncated.
  public let isTruncated: Bool

  /// Creates a result from its parts, for tests of code that uses it.
  public init(labels: [LabelScore], tokenCount: Int = 0, isTruncated: Bool = false) {
    self.labels = labels
    self.tokenCount = tokenCount
    self.isTruncated = isTruncated
  }
}

/// Options of zero-shot classification; the defaults are those of transformers' pipeline.
public struct ZeroShotOptions: Sendable, Equatable {
  /// The template of the hypothesis in the syntax of Python's `str.format`: `{}`, or every `{0}`,
  /// is replaced by the label; `{{` and `}}` are braces.
  public var hypothesisTemplate: String
  /// Whether labels are independent, each with a score between 0 and 1; otherwise the scores add up
  /// to 1.
  public var multiLabel: Bool
  /// What to do with texts that have more tokens than the model's maximum; `.window` is an error.
  public var longText: LongText

  /// Creates options; each has a default.
  public init(
    hypothesisTemplate: String = "This example is {}.", multiLabel: Bool = false,
    longText: LongText = .truncate
  ) {
    self.hypothesisTemplate = hypothesisTemplate
    self.multiLabel = multiLabel
    self.longText = longText
  }
}
