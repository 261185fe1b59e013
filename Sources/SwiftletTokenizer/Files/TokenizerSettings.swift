import SwiftletJSON

/// The settings in `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json`; nil
/// if a key is missing.
struct TokenizerSettings {
  var lowercase: Bool?
  var stripAccents: Bool?
  var tokenizeChineseChars: Bool?
  var modelMaxLength: Int?
  /// `max_len`, the key of old releases; used if `model_max_length` is missing.
  private var legacyMaxLength: Int?
  private var hasMaxLength = false
  /// The side at which texts are truncated.
  var truncationSide: TextSide?
  var cleansUpSpaces: Bool?
  var tokenizerClass: String?
  /// The model's inputs, such as `token_type_ids`; nil for those of the class.
  var modelInputNames: [String]?
  /// Whether special tokens in a text are split like any other text.
  private(set) var splitsSpecialTokens = false
  /// Special tokens by role, such as `cls_token`.
  var named: [String: AddedToken] = [:]
  var addedTokens: [NumberedToken] = []
  private var additionalTokens: [AddedToken] = []
  private var extraList: [AddedToken] = []
  /// Special tokens with other names, each once.
  private var namedExtras: [(name: String, token: AddedToken)] = []
  /// Named tokens from an object in place of a list, which override top-level keys before and after
  /// it.
  private var listedExtras: [(name: String, token: AddedToken)] = []
  /// Whether there is an `added_tokens_decoder`, which overrides all other lists.
  private(set) var hasAddedTokens = false

  // MARK: tokenizer_config.json

  mutating func readConfiguration(_ reader: inout SettingsReader) throws(TokenizerError) {
    var settings = self
    try reader.object { reader, key throws(TokenizerError) in
      try settings.readKey(key, &reader)
    }
    try reader.finish()
    self = settings
    finish()
  }

  /// Reads the keys with which sentence-transformers overrides the tokenizer's files.
  mutating func readOverrides(_ reader: inout SettingsReader) throws(TokenizerError) {
    var settings = self
    try reader.object { reader, key throws(TokenizerError) in
      switch key {
      case "tokenizer_type":
        throw .unsupported(
          path: reader.path, part: "key of the tokenizer", found: key.string,
          supported: "a \"tokenizer_class\" in tokenizer_config.json")
      // These do not affect which files or which class sentence-transformers uses.
      case "tokenizer_class", "auto_map", "fast_tokenizer_files", "use_auth_token":
        try reader.skip()
      default: try settings.readKey(key, &reader)
      }
    }
    try reader.finish()
    self = settings
    finish()
  }

  /// Resolves keys that depend on other keys, after all have been read.
  private mutating func finish() {
    if !hasMaxLength { modelMaxLength = legacyMaxLength }
    for (name, token) in listedExtras { setNamed(name, token) }
    listedExtras = []
  }

  private mutating func readKey(
    _ key: JSONString, _ reader: inout SettingsReader
  ) throws(TokenizerError) {
    switch key {
    case "do_lower_case": lowercase = try reader.null() ? nil : reader.bool()
    case "strip_accents": stripAccents = try reader.null() ? nil : reader.bool()
    case "tokenize_chinese_chars":
      tokenizeChineseChars = try reader.null() ? nil : reader.bool()
    case "model_max_length":
      modelMaxLength = try Self.maxLength(key.string, &reader)
      hasMaxLength = true
    case "max_len": legacyMaxLength = try Self.maxLength(key.string, &reader)
    case "truncation_side":
      if try !reader.null() {
        truncationSide = try reader.choice(key.string, ["left": .left, "right": .right])
      }
    case "clean_up_tokenization_spaces":
      cleansUpSpaces = try reader.null() ? nil : reader.bool()
    case "tokenizer_class": tokenizerClass = try reader.null() ? nil : reader.string()
    case "model_input_names":
      modelInputNames = try reader.null() ? nil : reader.strings()
    case "split_special_tokens": splitsSpecialTokens = try reader.null() ? false : reader.bool()
    case "auto_map": try Self.refuseCode(&reader)
    case "fast_tokenizer_files": try Self.checkFiles(&reader)
    case "added_tokens_decoder": try readAddedTokens(&reader)
    case "additional_special_tokens", "extra_special_tokens":
      try readExtra(key.string, &reader)
    default: try readNamed(key.string, &reader)
    }
  }

  /// Throws if `auto_map` names code in the model's folder for the tokenizer.
  private static func refuseCode(_ reader: inout SettingsReader) throws(TokenizerError) {
    let error = TokenizerError.unsupported(
      path: reader.path, part: "tokenizer of", found: "the model's own code (\"auto_map\")",
      supported: "tokenizers of transformers; if it is one of them, remove the key")
    guard try reader.kind() == .object else {
      if try reader.null() { return }
      throw error
    }
    try reader.object { reader, key throws(TokenizerError) in
      if key == "AutoTokenizer" { throw error }
      try reader.skip()
    }
  }

  /// Checks the list of files from which the version of transformers chooses one.
  private static func checkFiles(_ reader: inout SettingsReader) throws(TokenizerError) {
    if try reader.null() { return }
    for name in try reader.strings() where name != "tokenizer.json" {
      throw .unsupported(
        path: reader.path, part: "file in \"fast_tokenizer_files\"", found: name,
        supported: "tokenizer.json; rename the file and remove the key")
    }
  }

  /// Reads a length; returns nil for transformers' 1e30, "no limit".
  private static func maxLength(
    _ key: String, _ reader: inout SettingsReader
  ) throws(TokenizerError) -> Int? {
    if try reader.null() { return nil }
    let length = try reader.double()
    guard length >= 1 else {
      throw .invalidValue(path: reader.path, key: key, found: "\(length)", expected: "at least 1")
    }
    return length > 1e9 ? nil : Int(length)
  }

  private mutating func readAddedTokens(_ reader: inout SettingsReader) throws(TokenizerError) {
    if try reader.null() { return }
    var tokens: [NumberedToken] = []
    try reader.object { reader, key throws(TokenizerError) in
      let text = key.string
      guard let id = Int32(text), id >= 0 else {
        throw .invalidValue(
          path: reader.path, key: "added_tokens_decoder", found: "\"\(text)\"", expected: "an id")
      }
      tokens.append(NumberedToken(id: id, token: try reader.addedToken()))
    }
    addedTokens = tokens
    hasAddedTokens = true
  }

  /// The special tokens without a role: named ones, and the newer list, or the older one if that is
  /// empty.
  var extraTokens: [AddedToken] {
    namedExtras.map(\.token) + (extraList.isEmpty ? additionalTokens : extraList)
  }

  /// Reads a list of tokens, or an object of named tokens.
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
      try reader.object { reader, name throws(TokenizerError) in
        if let token = try reader.specialToken() { listedExtras.append((name.string, token)) }
      }
    default: try reader.skip()
    }
  }

  private mutating func readNamed(
    _ role: String, _ reader: inout SettingsReader
  ) throws(TokenizerError) {
    guard role.hasSuffix("_token") else { return try reader.skip() }
    if let token = try reader.specialToken() { setNamed(role, token) }
  }

  private mutating func setNamed(_ role: String, _ token: AddedToken) {
    if SpecialRole(rawValue: role) != nil || Self.otherRoles.contains(role) {
      named[role] = token
    } else if let index = namedExtras.firstIndex(where: { $0.name == role }) {
      namedExtras[index].token = token
    } else {
      namedExtras.append((role, token))
    }
  }

  /// Roles that BERT does not use; their tokens are special too.
  static let otherRoles = ["bos_token", "eos_token"]

  // MARK: Older files, which are used only without `added_tokens_decoder`

  mutating func readSpecialTokensMap(_ reader: inout SettingsReader) throws(TokenizerError) {
    guard !hasAddedTokens else { return }
    try readConfiguration(&reader)
  }

  mutating func readAddedTokensFile(_ reader: inout SettingsReader) throws(TokenizerError) {
    guard !hasAddedTokens else { return }
    let special = Set((named.values + extraTokens).map(\.content))
    var tokens: [NumberedToken] = []
    try reader.object { reader, key throws(TokenizerError) in
      let content = [UInt8](key.utf8)
      let isSpecial = special.contains(content)
      let token = AddedToken(content: content, isNormalized: !isSpecial, isSpecial: isSpecial)
      let id = try reader.id(of: String(decoding: content, as: UTF8.self))
      tokens.append(NumberedToken(id: id, token: token))
    }
    try reader.finish()
    addedTokens = tokens
  }

  // MARK: Derived settings

  /// Whether the model takes token types; nil for the class's default.
  var usesTypeIDs: Bool? { modelInputNames?.contains("token_type_ids") }

  /// BERT's normalizer with these settings, and the class's defaults for missing ones.
  var normalization: BertNormalization {
    BertNormalization(
      cleansText: true, isolatesChinese: tokenizeChineseChars ?? true,
      stripsAccents: stripAccents, lowercases: lowercase ?? true)
  }

  /// Returns the added tokens sorted by id: those of `tokenizer_config.json`, or else those of
  /// `added_tokens.json`, overridden by those of `tokenizer.json`.
  func addedTokens(with file: [NumberedToken]) -> [AddedToken] {
    var tokens: [Int32: AddedToken] = [:]
    for numbered in hasAddedTokens ? addedTokens : addedTokens + file {
      tokens[numbered.id] = numbered.token
    }
    return tokens.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension SettingsReader {
  /// Reads a special token as a string or an object; nil for `null`.
  fileprivate mutating func specialToken() throws(TokenizerError) -> AddedToken? {
    switch try kind() {
    case .string:
      return AddedToken(content: [UInt8](try string().utf8), isNormalized: false, isSpecial: true)
    case .object:
      return try addedToken(isSpecial: true)
    default:
      try skip()
      return nil
    }
  }
}
