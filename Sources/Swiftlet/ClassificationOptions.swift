/// How texts are classified; the defaults are those of transformers' pipeline, except that texts
/// that are too long are cut and not refused.
public struct ClassificationOptions: Sendable, Equatable {
  /// How many of the labels to report, best first; nil reports all.
  public var topK: Int?
  /// What turns logits into scores; nil follows the model's configuration.
  public var function: ScoreFunction?
  /// What happens to texts with more tokens than the model takes.
  public var longText = LongText.truncate

  /// All defaults may stay.
  public init(
    topK: Int? = nil, function: ScoreFunction? = nil, longText: LongText = .truncate
  ) {
    self.topK = topK
    self.function = function
    self.longText = longText
  }
}

/// What turns logits into scores.
public enum ScoreFunction: String, CaseIterable, Sendable {
  /// Probabilities that add up to 1: one label applies.
  case softmax
  /// A probability for each label by itself: any number of labels may apply.
  case sigmoid
  /// The logits as they are, as regression models mean them.
  case none
}

/// What happens to a text with more tokens than the model takes.
public enum LongText: String, CaseIterable, Sendable {
  /// Its end is cut off, and ``Classification/isTruncated`` says so.
  case truncate
  /// ``SwiftletError/textTooLong(index:tokenCount:maximumLength:)`` is thrown.
  case error
}
