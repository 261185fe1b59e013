/// What the model finds in one text.
public struct TokenClassification: Sendable, Equatable {
  /// The entities, or the tokens, in the order of the text; without those of labels that the options
  /// ignore.
  public let entities: [Entity]
  /// Tokens that the text has, special ones included, before truncation.
  public let tokenCount: Int
  /// Whether the model saw only the beginning of the text.
  public let isTruncated: Bool
}

/// A stretch of a text with a label of its own.
public struct Entity: Sendable, Equatable {
  /// The label of a token as `id2label` spells it (`B-PER`); of a group of tokens without what stands
  /// before the first hyphen (`PER`).
  public let label: String
  /// The probability of the label; of a group the mean over its tokens, or words.
  public let score: Float
  /// The tokens, joined as the tokenizer writes them: in lower case if the model is. The text itself
  /// stands at ``utf8Offsets``.
  public let word: String
  /// Where it stands, in Unicode scalars of the text: the offsets of Python's strings.
  public let offsets: Range<Int>
  /// Where it stands, in bytes of the text's UTF-8.
  public let utf8Offsets: Range<Int>
  /// The place of the token in its sequence, `[CLS]` being 0; nil for groups.
  public let tokenIndex: Int?

  /// The stretch of the text; empty if the text is another than the one it was found in.
  public func text(in text: String) -> Substring {
    let utf8 = text.utf8
    guard
      let start = utf8.index(
        utf8.startIndex, offsetBy: utf8Offsets.lowerBound, limitedBy: utf8.endIndex),
      let end = utf8.index(start, offsetBy: utf8Offsets.count, limitedBy: utf8.endIndex)
    else { return "" }
    return text[start..<end]
  }
}

/// How the labels of tokens become those of words and groups; the names are transformers'.
public enum TokenAggregation: String, CaseIterable, Sendable {
  /// Every token by itself.
  case none
  /// Neighbours of one label are one group, even within words.
  case simple
  /// A word has the label of its first token; then neighbours are grouped.
  case first
  /// A word has the best label of the mean of its tokens' probabilities; then neighbours are grouped.
  case average
  /// A word has the label of its surest token; then neighbours are grouped.
  case max
}

/// How tokens are classified; the defaults are those of transformers' pipeline.
public struct TokenClassificationOptions: Sendable, Equatable {
  /// How the labels of tokens become those of words and groups.
  public var aggregation: TokenAggregation
  /// Labels that are not reported; of groups, the label without its prefix.
  public var ignoreLabels: [String]
  /// What happens to texts with more tokens than the model takes. Windows need an aggregation other
  /// than `none`; where groups of two windows overlap, the longer is reported, and of two of the
  /// same length the one with the higher score.
  public var longText: LongText

  /// All defaults may stay.
  public init(
    aggregation: TokenAggregation = .none, ignoreLabels: [String] = ["O"],
    longText: LongText = .truncate
  ) {
    self.aggregation = aggregation
    self.ignoreLabels = ignoreLabels
    self.longText = longText
  }
}
