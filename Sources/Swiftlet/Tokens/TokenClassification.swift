/// The entities of one text.
public struct TokenClassification: Sendable, Equatable {
  /// The entities, or the tokens without aggregation, in the order of the text, except those with
  /// ignored labels.
  public let entities: [Entity]
  /// The number of tokens before truncation, special tokens included.
  public let tokenCount: Int
  /// Whether the text was truncated.
  public let isTruncated: Bool

  /// Creates a result from its parts, for tests of code that uses it.
  public init(entities: [Entity], tokenCount: Int = 0, isTruncated: Bool = false) {
    self.entities = entities
    self.tokenCount = tokenCount
    self.isTruncated = isTruncated
  }
}

/// A span of a text with a label.
public struct Entity: Sendable, Equatable {
  /// The label: for a token as spelled in `id2label` (`B-PER`), for a group without its prefix
  /// (`PER`).
  public let label: String
  /// The probability of the label; for a group the mean over its tokens or words.
  public let score: Float
  /// The decoded tokens, which are in lower case if the model is uncased; for the original text use
  /// ``text(in:)``.
  public let word: String
  /// The position in Unicode scalars of the text, the offsets of Python's strings.
  public let offsets: Range<Int>
  /// The position in bytes of the text's UTF-8.
  public let utf8Offsets: Range<Int>
  /// The index of the token in its sequence, which starts with `[CLS]`; nil for groups.
  public let tokenIndex: Int?

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    label: String, score: Float, word: String, offsets: Range<Int>, utf8Offsets: Range<Int>,
    tokenIndex: Int? = nil
  ) {
    self.label = label
    self.score = score
    self.word = word
    self.offsets = offsets
    self.utf8Offsets = utf8Offsets
    self.tokenIndex = tokenIndex
  }

  /// Returns the span of the text in which the entity was found; empty if another text is too
  /// short.
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

/// How tokens are aggregated to words and groups; the names are transformers'.
public enum TokenAggregation: String, CaseIterable, Sendable {
  /// Returns every token separately.
  case none
  /// Groups neighbours with the same label, even within words.
  case simple
  /// Labels a word by its first token, then groups neighbours.
  case first
  /// Labels a word by the mean of its tokens' probabilities, then groups neighbours.
  case average
  /// Labels a word by its token with the highest score, then groups neighbours.
  case max
}

/// Options of token classification; the defaults are those of transformers' pipeline.
public struct TokenClassificationOptions: Sendable, Equatable {
  /// How tokens are aggregated to words and groups.
  public var aggregation: TokenAggregation
  /// The labels to leave out; for groups, labels without their prefix.
  public var ignoreLabels: [String]
  /// What to do with texts that have more tokens than the model's maximum.
  ///
  /// `.window` needs an aggregation other than `none`. If groups of two windows overlap, the longer
  /// is returned, or the one with the higher score if they are equally long.
  public var longText: LongText

  /// Creates options; each has a default.
  public init(
    aggregation: TokenAggregation = .none, ignoreLabels: [String] = ["O"],
    longText: LongText = .truncate
  ) {
    self.aggregation = aggregation
    self.ignoreLabels = ignoreLabels
    self.longText = longText
  }
}
