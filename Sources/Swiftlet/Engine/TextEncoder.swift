package import SwiftletCheckpoint
package import SwiftletEncoder
package import SwiftletTokenizer

/// What to do with a text that has more tokens than the model's maximum.
package struct TruncationPolicy: Sendable {
  /// Whether the text is truncated; otherwise it is an error.
  package var truncates: Bool
  /// The end at which tokens are removed.
  package var side: TextSide

  package init(truncates: Bool, side: TextSide) {
    self.truncates = truncates
    self.side = side
  }
}

/// A text or a pair as a sequence that the model can compute.
package struct EncodedText: Sendable {
  package let sequence: TokenSequence
  /// The number of tokens before truncation, special tokens included.
  package let tokenCount: Int

  package var isTruncated: Bool { tokenCount > sequence.ids.count }
}

/// Tokenizes, truncates and checks texts for one model; used by the library and the server.
package struct TextEncoder: Sendable {
  package let tokenizer: Tokenizer
  package let configuration: ModelConfiguration
  /// The maximum number of tokens of a sequence, special tokens included.
  package var maxLength: Int

  /// Encodes a text or a pair; `strategy` selects the text of a pair that is truncated.
  package func encode(
    _ text: String, pair: String? = nil, _ policy: TruncationPolicy,
    strategy: TruncationStrategy = .longestFirst, addSpecialTokens: Bool = true
  ) throws(TextProblem) -> EncodedText {
    guard pair == nil, addSpecialTokens, policy.side == .right, !tokenizer.typesSingleTexts else {
      return try encoded(
        encoding(
          text, pair: pair, policy, strategy: strategy, addSpecialTokens: addSpecialTokens))
    }
    // Without types the ids suffice, and offsets and words need not be computed.
    var ids: [Int32] = []
    ids.reserveCapacity(64)
    let count = tokenizer.encode(text, into: &ids, maxLength: maxLength)
    try check(count, policy)
    return try checked(TokenSequence(ids: ids), tokenCount: count)
  }

  /// Encodes a text or a pair with offsets.
  func encoding(
    _ text: String, pair: String? = nil, _ policy: TruncationPolicy,
    strategy: TruncationStrategy = .longestFirst, addSpecialTokens: Bool = true
  ) throws(TextProblem) -> Encoding {
    let encoding = tokenizer.encode(
      text, pair: pair, options: options(policy.side, strategy, addSpecialTokens: addSpecialTokens))
    try check(encoding.tokenCountBeforeTruncation, policy)
    return encoding
  }

  /// Encodes a text or a pair in windows that overlap by `stride` tokens.
  func windows(
    _ text: String, pair: String? = nil, stride: Int, side: TextSide, strategy: TruncationStrategy
  ) throws(TextProblem) -> EncodingWindows {
    do throws(TokenizerError) {
      return try tokenizer.windows(
        text, pair: pair, stride: stride, options: options(side, strategy))
    } catch {
      // `windows` throws no other error.
      throw .noRoomForWindows(maxLength: maxLength, stride: stride)
    }
  }

  /// Checks an encoding and converts it to a sequence.
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
