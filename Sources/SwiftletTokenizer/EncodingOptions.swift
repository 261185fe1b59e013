/// How to encode; the default puts special tokens around the texts and cuts nothing off.
public struct EncodingOptions: Sendable, Equatable {
  /// The most tokens that may come out, special ones included; nil: no limit.
  public var maxLength: Int?
  /// From which text of a pair tokens are cut off.
  public var truncation: TruncationStrategy
  /// At which end of a text tokens are cut off.
  public var truncationSide: TextSide
  /// How many tokens of the text each of several windows has in common with the one before it.
  public var stride: Int
  /// Whether special tokens are put around the texts.
  public var addSpecialTokens: Bool
  /// What fills up short encodings; nil: nothing, since Swiftlet packs its batches.
  public var padding: Padding?

  /// All defaults may stay.
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

/// One of the ends of a text; texts written from right to left begin on the "left" as well.
public enum TextSide: String, Sendable {
  /// The end.
  case right
  /// The beginning.
  case left
}

/// Which text of a pair is shortened until both fit.
///
/// Special tokens are kept. The result never has more than `maxLength` tokens. Where a strategy
/// alone can't reach that, because the other text fills the room by itself, its own text becomes
/// empty and the other is cut as well (`tokenizers` raises an error in that case); for a single text
/// all strategies are one.
/// Where not even the special tokens fit, they are cut off at the end too.
public enum TruncationStrategy: String, Sendable {
  /// The longer one, down to the length of the shorter, then both alike.
  case longestFirst
  /// The first text.
  case onlyFirst
  /// The second text.
  case onlySecond
}

extension TruncationStrategy {
  /// How many of `first` and `second` tokens to keep so that at most `room` are left.
  func kept(first: Int, second: Int, room: Int) -> (first: Int, second: Int) {
    guard first + second > room else { return (first, second) }
    switch self {
    case .onlyFirst:
      return (max(room - second, 0), min(second, room))
    case .onlySecond:
      return (min(first, room), max(room - first, 0))
    case .longestFirst:
      // As in the reference: the shorter keeps all if it has at most half; an odd token goes to the
      // longer, which with equal lengths is the second.
      let shorter = min(min(first, second), room / 2)
      let longer = room - shorter
      return first > second ? (longer, shorter) : (shorter, longer)
    }
  }
}
