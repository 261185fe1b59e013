extension Tokenizer {
  /// The text that ids stand for, as `tokenizers` writes it: pieces joined to words, words by spaces.
  ///
  /// Case, accents and spacing that encoding has lost do not come back. Ids that no token has are
  /// left out.
  /// - Parameters:
  ///   - ids: What ``encode(_:pair:options:)`` gives, or a model.
  ///   - skipSpecialTokens: Whether `[CLS]`, `[SEP]` and their like are left out.
  ///   - cleanUp: Whether the space before punctuation and English contractions goes, as in `don't`;
  ///     nil: what the tokenizer's decoder says, which is yes where it says nothing. The decoder
  ///     looks at each token alone: `don ' t` stays.
  ///   - cleanUpTokenizationSpaces: Whether the same is done to the whole text then, as transformers
  ///     does: `don't`; nil: what `tokenizer_config.json` says, which is no where it says nothing.
  /// - Returns: The text, empty where no id has a token.
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

  func append(
    _ token: [UInt8],
    isFirst: Bool,
    cleanUp: Bool?,
    to text: inout [UInt8]
  ) {
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

  /// The reference's list, applied in its order to each token with the space before it; but for one
  /// line it is that of transformers for a whole text.
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
    _ pattern: StaticString,
    with replacement: StaticString,
    in token: [UInt8]
  ) -> [UInt8] {
    let pattern = UnsafeBufferPointer(start: pattern.utf8Start, count: pattern.utf8CodeUnitCount)
    let replacement = UnsafeBufferPointer(
      start: replacement.utf8Start,
      count: replacement.utf8CodeUnitCount
    )
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
