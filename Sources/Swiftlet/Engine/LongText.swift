/// What happens to a text with more tokens than the model takes.
public enum LongText: Sendable, Equatable {
  /// Its end is cut off, and the answer's `isTruncated` says so.
  case truncate
  /// ``TextProblem/tooLong(tokenCount:maxLength:)`` is thrown.
  case error
  /// The model sees all of it, in windows of its length of which each begins with the last `stride`
  /// tokens of the one before, as the tokenizer of transformers cuts texts with
  /// `return_overflowing_tokens`. The stride must be less than the tokens of a text that a window
  /// holds.
  case window(stride: Int)
}
