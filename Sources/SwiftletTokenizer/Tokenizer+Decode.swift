extension Tokenizer {
  /// Decodes ids to a text as `tokenizers` does: joins pieces to words, and words with spaces.
  ///
  /// Case, accents and spacing that encoding removed are not restored. Unknown ids are skipped.
  /// - Parameters:
  ///   - ids: Token ids, from ``encode(_:pair:options:)`` or from a model.
  ///   - skipSpecialTokens: Whether to skip special tokens such as `[CLS]` and `[SEP]`.
  ///   - cleanUp: Whether to remove the space before punctuation and English contractions, token by
  ///     token, so that `don ' t` is unchanged; nil for the decoder's setting, true by default.
  ///   - cleanUpTokenizationSpaces: Whether to clean up the whole text as transformers does, which
  ///     changes `don ' t` to `don't`; nil for the setting in `tokenizer_config.json`, false by
  ///     default.
  /// - Returns: The text; empty if all ids are skipped.
  public func decode(
    _ ids: some Sequence<Int32>,
    skipSpecialTokens: Bool = true,
    cleanUp: Bool? = nil,
    cleanUpTokenizationSpaces: Bool? = nil
  ) -> String {
    var text: [UInt8] = []
    var isFirst = true
    for id in ids {
      guard let token = decodedToken(id, skippingSpecial: skipSpecialTokens) else { continue }
      append(token, isFirst: isFirst, cleanUp: cleanUp, to: &text)
      isFirst = false
    }
    if cleanUpTokenizationSpaces ?? core.cleansUpSpaces {
      text = Self.cleanUp(text, contractingNegation: false)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func decodedToken(_ id: Int32, skippingSpecial: Bool) -> [UInt8]? {
    if let entry = core.added.entry(of: id) {
      return skippingSpecial && core.added.isSkipped(entry) ? nil : entry.pattern
    }
    return core.model.vocabulary.bytes(of: id).map { [UInt8]($0) }
  }

  func append(_ token: [UInt8], isFirst: Bool, cleanUp: Bool?, to text: inout [UInt8]) {
    switch core.decoding {
    case .joined:
      if !isFirst { text.append(0x20) }
      text += token
    case .wordPiece(let prefix, let cleansUp):
      var token = token
      if !isFirst {
        if token.starts(with: prefix) {
          token.removeFirst(prefix.count)
        } else {
          token.insert(0x20, at: 0)
        }
      }
      text += cleanUp ?? cleansUp ? Self.cleanUp(token, contractingNegation: true) : token
    }
  }

  /// The reference's replacements, applied in order to each token and the space before it; those of
  /// transformers for a whole text are the same except `negation`.
  private static let cleanUps: [(pattern: StaticString, replacement: StaticString)] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ]
  private static let negation = 7

  private static func cleanUp(_ text: [UInt8], contractingNegation: Bool) -> [UInt8] {
    guard text.contains(0x20) else { return text }
    var text = text
    for (number, line) in cleanUps.enumerated() where contractingNegation || number != negation {
      text = replace(line.pattern, with: line.replacement, in: text)
    }
    return text
  }

  private static func replace(
    _ pattern: StaticString, with replacement: StaticString, in token: [UInt8]
  ) -> [UInt8] {
    let pattern = UnsafeBufferPointer(start: pattern.utf8Start, count: pattern.utf8CodeUnitCount)
    let replacement = UnsafeBufferPointer(
      start: replacement.utf8Start, count: replacement.utf8CodeUnitCount)
    var result: [UInt8] = []
    var index = 0
    while index < token.count {
      if token[index...].starts(with: pattern) {
        result += replacement
        index += pattern.count
      } else {
        result.append(token[index])
        index += 1
      }
    }
    return result
  }
}
