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
  /// `max_len`, as the first releases called it; counts where `model_max_length` is missing.
  private var legacyMaxLength: Int?
  /// From which side tokens are cut off.
  var truncationSide: TextSide?
  var cleansUpSpaces: Bool?
  var tokenizerClass: String?
  /// By role, such as `cls_token`.
  var named: [String: AddedToken] = [:]
  /// In the order of the ids beside them.
  var addedTokens: [AddedToken] = []
  private var additionalTokens: [AddedToken] = []
  private var extraList: [AddedToken] = []
  private var namedExtras: [AddedToken] = []
  /// Whether there is an `added_tokens_decoder`, which counts over all other lists.
  private(set) var hasAddedTokens = false

  // MARK: tokenizer_config.json

  mutating func readConfiguration(_ reader: inout SettingsReader) throws(TokenizerError) {
    var settings = self
    try reader.object { reader, key throws(TokenizerError) in
      try settings.readKey(key, &reader)
    }
    try reader.finish()
    self = settings
    modelMaxLength = modelMaxLength ?? legacyMaxLength
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
    case "model_max_length": modelMaxLength = try Self.maxLength(key.string, &reader)
    case "max_len": legacyMaxLength = try Self.maxLength(key.string, &reader)
    case "truncation_side":
      if try !reader.null() {
        truncationSide = try reader.choice(key.string, ["left": .left, "right": .right])
      }
    case "clean_up_tokenization_spaces":
      cleansUpSpaces = try reader.null() ? nil : reader.bool()
    case "tokenizer_class": tokenizerClass = try reader.null() ? nil : reader.string()
    case "added_tokens_decoder": try readAddedTokens(&reader)
    case "additional_special_tokens", "extra_special_tokens":
      try readExtra(key.string, &reader)
    default: try readNamed(key.string, &reader)
    }
  }

  /// Transformers writes 1e30 for "no limit".
  private static func maxLength(
    _ key: String, _ reader: inout SettingsReader
  ) throws(TokenizerError) -> Int? {
    if try reader.null() { return nil }
    let length = try reader.double()
    guard length >= 1 else {
      throw .invalidValue(
        path: reader.path,
        key: key,
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

  /// The special tokens beside those with a role: the newer list instead of the older one unless it is
  /// empty, and what has a name of its own.
  var extraTokens: [AddedToken] {
    namedExtras + (extraList.isEmpty ? additionalTokens : extraList)
  }

  /// A list of tokens, or an object with a token for each name.
  private mutating func readExtra(
    _ key: String, _ reader: inout SettingsReader
  ) throws(TokenizerError) {
    var tokens: [AddedToken] = []
    switch try reader.kind() {
    case .array:
      try reader.array { reader throws(TokenizerError) in
        if let token = try reader.specialToken() { tokens.append(token) }
      }
      if key == "extra_special_tokens" { extraList += tokens } else { additionalTokens = tokens }
    case .object:
      try reader.object { reader, _ throws(TokenizerError) in
        if let token = try reader.specialToken() { tokens.append(token) }
      }
      namedExtras += tokens
    default: try reader.skip()
    }
  }

  private mutating func readNamed(
    _ role: String,
    _ reader: inout SettingsReader
  ) throws(TokenizerError) {
    guard SpecialRole(rawValue: role) != nil || Self.otherRoles.contains(role) else {
      return try reader.skip()
    }
    if let token = try reader.specialToken() { named[role] = token }
  }

  /// Roles without a use here; their tokens are special all the same.
  static let otherRoles = ["bos_token", "eos_token"]

  // MARK: The older files, which count where `added_tokens_decoder` is missing

  mutating func readSpecialTokensMap(_ reader: inout SettingsReader) throws(TokenizerError) {
    guard !hasAddedTokens else { return }
    var settings = self
    try reader.object { reader, key throws(TokenizerError) in
      switch key {
      case "additional_special_tokens", "extra_special_tokens":
        try settings.readExtra(key.string, &reader)
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
  /// As in transformers, what the configuration says wins, unless it names a class that takes
  /// `tokenizer.json` as it is; and in a model's folder what it doesn't say is as in BERT's class.
  func adjusting(_ normalization: Normalization) -> Normalization {
    guard case .bert(var bert) = normalization, bert != .none, !takesFileAsItIs
    else { return normalization }
    bert.lowercases = lowercase ?? bert.lowercases
    bert.stripsAccents = stripAccents ?? bert.stripsAccents
    bert.isolatesChinese = tokenizeChineseChars ?? bert.isolatesChinese
    return .bert(bert)
  }

  private var takesFileAsItIs: Bool {
    tokenizerClass == "PreTrainedTokenizerFast" || tokenizerClass == "TokenizersBackend"
  }

  /// With BERT's values for what a model's folder does not say.
  var withClassDefaults: TokenizerSettings {
    var settings = self
    settings.lowercase = lowercase ?? true
    settings.stripAccents = stripAccents ?? .some(nil)
    settings.tokenizeChineseChars = tokenizeChineseChars ?? true
    return settings
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
