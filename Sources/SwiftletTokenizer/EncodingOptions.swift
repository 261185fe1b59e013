/// Options of encoding; the default adds special tokens and does not truncate.
public struct EncodingOptions: Sendable, Equatable {
  /// The maximum number of tokens, special tokens included; nil for no limit.
  public var maxLength: Int?
  /// Which text of a pair is truncated.
  public var truncation: TruncationStrategy
  /// The end of a text at which tokens are removed.
  public var truncationSide: TextSide
  /// The number of tokens by which neighbouring windows overlap.
  public var stride: Int
  /// Whether to add special tokens.
  public var addSpecialTokens: Bool
  /// The padding of short encodings; nil for none, because Swiftlet packs its batches.
  public var padding: Padding?

  /// Creates options.
  public init(
    maxLength: Int? = nil,
    truncation: TruncationStrategy = .longestFirst,
    truncationSide: TextSide = .right,
    stride: Int = 0,
    addSpecialTokens: Bool = true,
    padding: Padding? = nil
  ) {
    self.maxLength = maxLength
    self.truncation = truncation
    self.truncationSide = truncationSide
    self.stride = stride
    self.addSpecialTokens = addSpecialTokens
    self.padding = padding
  }
}

/// An end of a text; texts in right-to-left scripts also begin on the `left`.
public enum TextSide: String, Sendable {
  /// The end.
  case right
  /// The beginning.
  case left
}

/// Which text of a pair is truncated until both fit; for a single text all strategies are equal.
///
/// The result never has more than `maxLength` tokens. If the other text alone is too long, the
/// chosen text becomes empty and the other is truncated too, where `tokenizers` raises an error.
/// Special tokens are removed, from the end, only if they alone exceed `maxLength`.
public enum TruncationStrategy: String, Sendable {
  /// Truncates the longer text to the length of the shorter, then both equally.
  case longestFirst
  /// Truncates only the first text.
  case onlyFirst
  /// Truncates only the second text.
  case onlySecond
}

extension TruncationStrategy {
  /// Returns how many of `first` and `second` tokens to keep so that at most `room` remain.
  func kept(first: Int, second: Int, room: Int) -> (first: Int, second: Int) {
    guard first + second > room else { return (first, second) }
    switch self {
    case .onlyFirst:
      return (max(room - second, 0), min(second, room))
    case .onlySecond:
      return (min(first, room), max(room - first, 0))
    case .longestFirst:
      // As in the reference: the shorter text keeps up to half of the room, the longer gets the
      // rest; with equal lengths the second counts as the longer.
      let shorter = min(min(first, second), room / 2)
      let longer = room - shorter
      return first > second ? (longer, shorter) : (shorter, longer)
    }
  }
}
