import SwiftletJSON

extension SettingsReader {
  /// Reads the `pre_tokenizer` of a `tokenizer.json`; returns nil for `null`.
  mutating func preTokenizers() throws(TokenizerError) -> [PreTokenizer]? {
    if try null() { return nil }
    var type: String?
    var behavior = PunctuationBehavior.isolated.rawValue
    var parts: [PreTokenizer] = []
    try object { reader, key throws(TokenizerError) in
      switch key {
      case "type": type = try reader.string()
      case "behavior": behavior = try reader.string()
      case "pretokenizers":
        try reader.array { reader throws(TokenizerError) in
          guard let part = try reader.preTokenizers() else {
            throw PreTokenizer.unsupported("null", path: reader.path)
          }
          parts += part
        }
      default: try reader.skip()
      }
    }
    switch type {
    case "BertPreTokenizer": return [.bert]
    case "Whitespace": return [.whitespace]
    case "WhitespaceSplit": return [.whitespaceSplit]
    case "Punctuation":
      guard let behavior = PunctuationBehavior(rawValue: behavior) else {
        throw .unsupported(
          path: path, part: "behavior of Punctuation", found: behavior,
          supported: PunctuationBehavior.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return [.punctuation(behavior)]
    case "Sequence" where !parts.isEmpty: return parts
    case "Sequence": throw PreTokenizer.unsupported("empty Sequence", path: path)
    default: throw PreTokenizer.unsupported(type ?? "(none given)", path: path)
    }
  }
}

extension PreTokenizer {
  static func unsupported(_ found: String, path: String) -> TokenizerError {
    .unsupported(
      path: path, part: "pre-tokenizer", found: found,
      supported:
        "BertPreTokenizer, Punctuation, Whitespace, WhitespaceSplit, and a Sequence of these"
    )
  }
}
