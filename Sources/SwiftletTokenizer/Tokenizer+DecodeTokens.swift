extension Tokenizer {
  /// Tokens as the vocabulary spells them, joined to words and words by spaces:
  /// `convert_tokens_to_string` of transformers. Tokens that the vocabulary lacks are words too.
  package func decode(tokens: [String]) -> String {
    var text: [UInt8] = []
    for (index, token) in tokens.enumerated() {
      append([UInt8](token.utf8), isFirst: index == 0, cleanUp: nil, to: &text)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
