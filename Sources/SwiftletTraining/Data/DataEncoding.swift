package import SwiftletCheckpoint
package import SwiftletTokenizer

/// How examples are encoded for a model.
package struct DataEncoding: Sendable {
  package let tokenizer: Tokenizer
  package let configuration: ModelConfiguration
  /// The maximum number of tokens of a sequence, special tokens included.
  package let maxLength: Int
  /// The number of tokens by which windows of a long context overlap.
  package let stride: Int

  /// - Parameters:
  ///   - tokenizer: The base model's.
  ///   - configuration: The base model's.
  ///   - maxLength: At most the model's number of positions; nil for the tokenizer's maximum.
  ///   - stride: Nil for 128, or half of the maximum length if that is less.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``.
  package init(
    tokenizer: Tokenizer, configuration: ModelConfiguration, maxLength: Int? = nil,
    stride: Int? = nil
  ) throws(TrainingError) {
    let positions = configuration.maxPositions
    let length = maxLength ?? min(tokenizer.modelMaxLength ?? positions, positions)
    // Two special tokens and one token of the text.
    guard length >= 3, length <= positions else {
      throw .invalidOption(
        name: "--max-length",
        reason: "is \(length), but must be from 3 to \(positions), the model's number of positions")
    }
    self.tokenizer = tokenizer
    self.configuration = configuration
    self.maxLength = length
    self.stride = stride ?? min(length / 2, 128)
    guard self.stride >= 0, self.stride < length else {
      throw .invalidOption(
        name: "--doc-stride",
        reason:
          "is \(self.stride), but must be from 0 to \(length - 1), less than the maximum length")
    }
  }

  /// Encodes a question with its context, in windows that overlap where they do not fit in one sequence.
  ///
  /// - Throws: `TokenizerError` if the question leaves no room for the context.
  func windows(
    _ question: String, _ context: String
  ) throws(TokenizerError) -> EncodingWindows {
    var options = options
    options.truncation = .onlySecond
    return try tokenizer.windows(question, pair: context, stride: stride, options: options)
  }

  var options: EncodingOptions {
    EncodingOptions(maxLength: maxLength, truncationSide: tokenizer.truncationSide)
  }
}
