package import SwiftletCheckpoint
package import SwiftletEncoder
package import SwiftletTokenizer

/// What happens to a text with more tokens than the model takes.
package struct TruncationPolicy: Sendable {
  /// Whether the text is truncated; otherwise it is refused.
  package var truncates: Bool
  /// The end at which tokens are cut off.
  package var side: TextSide

  package init(truncates: Bool, side: TextSide) {
    self.truncates = truncates
    self.side = side
  }
}

/// A text, or a pair, as a sequence that the model can compute.
package struct EncodedText: Sendable {
  package let sequence: TokenSequence
  /// Tokens before truncation, special ones included.
  package let tokenCount: Int

  package var isTruncated: Bool { tokenCount > sequence.ids.count }
}

/// Turns texts into sequences for one model: tokenizes, truncates, and checks what the model takes.
///
/// The library and the server encode with it, so that both truncate by the same rule.
package struct TextEncoder: Sendable {
  package let tokenizer: Tokenizer
  package let configuration: ModelConfiguration
  /// The maximum number of tokens of a sequence, special ones included.
  package var maxLength: Int

  /// The sequence of a text, or of a pair, of which `strategy` names the text that is truncated.
  package func encode(
    _ text: String, pair: String? = nil, _ policy: TruncationPolicy,
    strategy: TruncationStrategy = .longestFirst, addSpecialTokens: Bool = true
  ) throws(TextProblem) -> EncodedText {
    guard pair == nil, addSpecialTokens, policy.side == .right, !tokenizer.typesSingleTexts else {
      return try encoded(
        encoding(
          text, pair: pair, policy, strategy: strategy, addSpecialTokens: addSpecialTokens))
    }
    // Ids alone take no offsets, words and types.
    var ids: [Int32] = []
    ids.reserveCapacity(64)
    let count = tokenizer.encode(text, into: &ids, maxLength: maxLength)
    try check(count, policy)
    return try checked(TokenSequence(ids: ids), tokenCount: count)
  }

  /// The tokens of a text, or of a pair, with their offsets.
  func encoding(
    _ text: String, pair: String? = nil, _ policy: TruncationPolicy,
    strategy: TruncationStrategy = .longestFirst, addSpecialTokens: Bool = true
  ) throws(TextProblem) -> Encoding {
    let encoding = tokenizer.encode(
      text, pair: pair, options: options(policy.side, strategy, addSpecialTokens: addSpecialTokens))
    try check(encoding.tokenCountBeforeTruncation, policy)
    return encoding
  }

  /// All tokens of a text, or of a pair, in windows that share `stride` tokens.
  func windows(
    _ text: String, pair: String? = nil, stride: Int, side: TextSide, strategy: TruncationStrategy
  ) throws(TextProblem) -> EncodingWindows {
    do throws(TokenizerError) {
      return try tokenizer.windows(
        text, pair: pair, stride: stride, options: options(side, strategy))
    } catch {
      // The only error of `windows`.
      throw .noRoomForWindows(maxLength: maxLength, stride: stride)
    }
  }

  /// What the model reads of an encoding.
  func encoded(_ encoding: Encoding) throws(TextProblem) -> EncodedText {
    try checked(
      TokenSequence(ids: encoding.ids, typeIDs: tokenizer.modelTypeIDs(of: encoding)),
      tokenCount: encoding.tokenCountBeforeTruncation)
  }

  private func options(
    _ side: TextSide, _ strategy: TruncationStrategy, addSpecialTokens: Bool = true
  ) -> EncodingOptions {
    EncodingOptions(
      maxLength: maxLength, truncation: strategy, truncationSide: side,
      addSpecialTokens: addSpecialTokens)
  }

  private func check(_ tokenCount: Int, _ policy: TruncationPolicy) throws(TextProblem) {
    guard policy.truncates || tokenCount <= maxLength else {
      throw .tooLong(tokenCount: tokenCount, maxLength: maxLength)
    }
  }

  private func checked(
    _ sequence: TokenSequence, tokenCount: Int
  ) throws(TextProblem) -> EncodedText {
    if let problem = configuration.problem(with: sequence) { throw TextProblem(problem) }
    return EncodedText(sequence: sequence, tokenCount: tokenCount)
  }
}
