/// Two texts in one sequence, such as premise and hypothesis, or query and document.
public struct TextPair: Sendable, Equatable {
  /// The first text.
  public var text: String
  /// The second text.
  public var pair: String

  /// Creates a pair; either text may be empty.
  public init(_ text: String, _ pair: String) {
    self.text = text
    self.pair = pair
  }
}
