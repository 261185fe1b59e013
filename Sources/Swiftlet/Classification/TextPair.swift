/// Two texts that a model sees together: premise and hypothesis, query and document.
public struct TextPair: Sendable, Equatable {
  /// The first text.
  public var text: String
  /// The second text.
  public var pair: String

  /// Either may be empty.
  public init(_ text: String, _ pair: String) {
    self.text = text
    self.pair = pair
  }
}
