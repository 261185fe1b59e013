extension Tokenizer {
  /// Decodes tokens as spelled in the vocabulary, as transformers' `convert_tokens_to_string` does;
  /// tokens that are not in the vocabulary are words too.
  package func decode(tokens: [String]) -> String {
    var text: [UInt8] = []
    for (index, token) in tokens.enumerated() {
      append([UInt8](token.utf8), isFirst: index == 0, cleanUp: nil, to: &text)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
