import SwiftletJSON

/// What stands beside a vocabulary: `tokenizer_config.json`, `special_tokens_map.json` and
/// `added_tokens.json`.
///
/// nil: not said.
struct TokenizerSettings {
  var lowercase: Bool?
  /// Said to be nil, or not said: those differ where a `tokenizer.json` says something else.
  var stripAccents: Bool??
  var tokenizeChineseChars: Bool?
  var modelMaxLength: Int?
  var cleansUpSpaces: Bool?
  var tokenizerClass: String?
  /// By role, such as `cls_token`.
  var named: [String: AddedToken] = [:]
  /// In the order of the ids beside them.
  var addedTokens: [AddedToken] = []
  var extraTokens: [AddedToken] = []
  private var hasAddedTokens = false

  // MARK: tokenizer_config.json

  mutating func readConfiguration(_ reader: inout SettingsReader) throws(TokenizerError) {
    var settings = self
    try reader.object { reader, key throws(TokenizerError) in
      try settings.readKey(key, &reader)
    }
    try reader.finish()
    self = settings
  }

  private mutating func readKey(
    _ key: JSONString,
    _ reader: inout SettingsReader
  ) throws(TokenizerError) {
    switch key {
    case "do_lower_case": lowercase = try reader.null() ? nil : reader.bool()
    case "strip_accents": stripAccents = .some(try reader.null() ? nil : reader.bool())
    case "tokenize_chinese_chars":
      tokenizeChineseChars = try reader.null() ? nil : reader.bool()
    case "model_max_length": modelMaxLength = try Self.maxLength(&reader)
    case "clean_up_tokenization_spaces":
      cleansUpSpaces = try reader.null() ? nil : reader.bool()
    case "tokenizer_class": tokenizerClass = try reader.null() ? nil : reader.string()
    case "added_tokens_decoder": try readAddedTokens(&reader)
    case "additional_special_tokens", "extra_special_tokens": try readExtra(&reader)
    default: try readNamed(key.string, &reader)
    }
  }

  /// Transformers writes 1e30 for "no limit".
  private static func maxLength(_ reader: inout SettingsReader) throws(TokenizerError) -> Int? {
    if try reader.null() { return nil }
    let length = try reader.double()
    guard length >= 1 else {
      throw .invalidValue(
        path: reader.path,
        key: "model_max_length",
        found: "\(length)",
        expected: "a number of tokens"
      )
    }
    return length > 1e9 ? nil : Int(length)
  }

  private mutating func readAddedTokens(_ reader: inout SettingsReader) throws(TokenizerError) {
    if try reader.null() { return }
    var tokens: [(id: Int32, token: AddedToken)] = []
    try reader.object { reader, key throws(TokenizerError) in
      let text = key.string
      guard let id = Int32(text), id >= 0 else {
        throw .invalidValue(
          path: reader.path,
          key: "added_tokens_decoder",
          found: "\"\(text)\"",
          expected: "an id"
        )
      }
      tokens.append((id, try reader.addedToken()))
    }
    addedTokens = tokens.sorted { $0.id < $1.id }.map(\.token)
    hasAddedTokens = true
  }

  private mutating func readExtra(_ reader: inout SettingsReader) throws(TokenizerError) {
    guard try reader.kind() == .array else { return try reader.skip() }
    var tokens: [AddedToken] = []
    try reader.array { reader throws(TokenizerError) in
      if let token = try reader.specialToken() { tokens.append(token) }
    }
    extraTokens = tokens
  }

  private mutating func readNamed(
    _ role: String,
    _ reader: inout SettingsReader
  ) throws(TokenizerError) {
    guard SpecialRole(rawValue: role) != nil else { return try reader.skip() }
    if let token = try reader.specialToken() { named[role] = token }
  }

  // MARK: The older files, which count where `added_tokens_decoder` is missing

  mutating func readSpecialTokensMap(_ reader: inout SettingsReader) throws(TokenizerError) {
    guard !hasAddedTokens else { return }
    var settings = self
    try reader.object { reader, key throws(TokenizerError) in
      switch key {
      case "additional_special_tokens", "extra_special_tokens": try settings.readExtra(&reader)
      default: try settings.readNamed(key.string, &reader)
      }
    }
    try reader.finish()
    self = settings
  }

  mutating func readAddedTokensFile(_ reader: inout SettingsReader) throws(TokenizerError) {
    guard !hasAddedTokens else { return }
    let special = Set((named.values + extraTokens).map(\.content))
    var tokens: [(id: Int32, token: AddedToken)] = []
    try reader.object { reader, key throws(TokenizerError) in
      let content = [UInt8](key.utf8)
      let isSpecial = special.contains(content)
      let token = AddedToken(content: content, isNormalized: !isSpecial, isSpecial: isSpecial)
      tokens.append((try reader.id(of: String(decoding: content, as: UTF8.self)), token))
    }
    try reader.finish()
    addedTokens = tokens.sorted { $0.id < $1.id }.map(\.token)
  }

  // MARK: What follows from them

  /// What these settings make of the normalizer of a `tokenizer.json`.
  ///
  /// As in transformers, what the configuration says outright wins, unless it names a class that
  /// takes `tokenizer.json` as it is. What it doesn't say stays as in `tokenizer.json`.
  func adjusting(_ normalization: Normalization) -> Normalization {
    guard case .bert(var bert) = normalization, bert != .none,
      tokenizerClass != "PreTrainedTokenizerFast", tokenizerClass != "TokenizersBackend"
    else { return normalization }
    bert.lowercases = lowercase ?? bert.lowercases
    bert.stripsAccents = stripAccents ?? bert.stripsAccents
    bert.isolatesChinese = tokenizeChineseChars ?? bert.isolatesChinese
    return .bert(bert)
  }
}

extension SettingsReader {
  /// A special token as a string or an object; nil for `null`.
  fileprivate mutating func specialToken() throws(TokenizerError) -> AddedToken? {
    switch try kind() {
    case .string:
      return AddedToken(
        content: [UInt8](try string().utf8),
        isNormalized: false,
        isSpecial: true
      )
    case .object:
      var token = try addedToken(isSpecial: true)
      token.isSpecial = true
      return token
    default:
      try skip()
      return nil
    }
  }
}
