/// What to do with a text that has more tokens than the model's maximum.
public enum LongText: Sendable, Equatable {
  /// Truncates the text and sets the answer's `isTruncated`.
  case truncate
  /// Throws ``TextProblem/tooLong(tokenCount:maxLength:)``.
  case error
  /// Splits the text into windows of the maximum length that overlap by `stride` tokens, as
  /// transformers' tokenizer does with `return_overflowing_tokens`. The stride must be smaller than
  /// the number of the text's tokens in a window.
  case window(stride: Int)
}
