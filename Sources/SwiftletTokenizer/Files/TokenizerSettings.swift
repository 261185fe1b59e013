import SwiftletJSON

/// What stands beside a vocabulary: `tokenizer_config.json`, `special_tokens_map.json` and
/// `added_tokens.json`.
///
/// nil: not said.
struct TokenizerSettings {
  var lowercase: Bool?
  var stripAccents: Bool?
  var tokenizeChineseChars: Bool?
  var modelMaxLength: Int?
  /// `max_len`, as the first releases called it; counts where `model_max_length` is missing.
  private var legacyMaxLength: Int?
  private var hasMaxLength = false
  /// From which side tokens are cut off.
  var truncationSide: TextSide?
  var cleansUpSpaces: Bool?
  var tokenizerClass: String?
  /// What the model gets: `token_type_ids` among others; nil for what the class gives.
  var modelInputNames: [String]?
  /// Whether special tokens in a text are cut like any other text.
  private(set) var splitsSpecialTokens = false
  /// By role, such as `cls_token`.
  var named: [String: AddedToken] = [:]
  var addedTokens: [NumberedToken] = []
  private var additionalTokens: [AddedToken] = []
  private var extraList: [AddedToken] = []
  /// Under names of their own, each once.
  private var namedExtras: [(name: String, token: AddedToken)] = []
  /// Those of an object in one of the lists, which count over the keys beside it, wherever it stands.
  private var listedExtras: [(name: String, token: AddedToken)] = []
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
    finish()
  }

  /// What the settings of sentence-transformers give the tokenizer over its own files.
  mutating func readOverrides(_ reader: inout SettingsReader) throws(TokenizerError) {
    var settings = self
    try reader.object { reader, key throws(TokenizerError) in
      switch key {
      case "tokenizer_type":
        throw .unsupported(
          path: reader.path, part: "key of the tokenizer", found: key.string,
          supported: "a \"tokenizer_class\" in tokenizer_config.json")
      // These say neither where the files are nor which class decides.
      case "tokenizer_class", "auto_map", "fast_tokenizer_files", "use_auth_token":
        try reader.skip()
      default: try settings.readKey(key, &reader)
      }
    }
    try reader.finish()
    self = settings
    finish()
  }

  /// What can be said when all keys of an object are read.
  private mutating func finish() {
    if !hasMaxLength { modelMaxLength = legacyMaxLength }
    for (name, token) in listedExtras { setNamed(name, token) }
    listedExtras = []
  }

  private mutating func readKey(
    _ key: JSONString,
    _ reader: inout SettingsReader
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

  /// `auto_map` names code beside the model that makes its tokenizer.
  private static func refuseCode(_ reader: inout SettingsReader) throws(TokenizerError) {
    let error = TokenizerError.unsupported(
      path: reader.path, part: "tokenizer of", found: "the model's own code (\"auto_map\")",
      supported: "tokenizers of transformers; if it is one of them, take the key out")
    guard try reader.kind() == .object else {
      if try reader.null() { return }
      throw error
    }
    try reader.object { reader, key throws(TokenizerError) in
      if key == "AutoTokenizer" { throw error }
      try reader.skip()
    }
  }

  /// A list of files among which the version of transformers chooses.
  private static func checkFiles(_ reader: inout SettingsReader) throws(TokenizerError) {
    if try reader.null() { return }
    for name in try reader.strings() where name != "tokenizer.json" {
      throw .unsupported(
        path: reader.path, part: "file in \"fast_tokenizer_files\"", found: name,
        supported: "tokenizer.json; rename the file and take the key out")
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
    var tokens: [NumberedToken] = []
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
      tokens.append(NumberedToken(id: id, token: try reader.addedToken()))
    }
    addedTokens = tokens
    hasAddedTokens = true
  }

  /// The special tokens beside those with a role: the newer list instead of the older one unless it is
  /// empty, and what has a name of its own.
  var extraTokens: [AddedToken] {
    namedExtras.map(\.token) + (extraList.isEmpty ? additionalTokens : extraList)
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
      try reader.object { reader, name throws(TokenizerError) in
        if let token = try reader.specialToken() { listedExtras.append((name.string, token)) }
      }
    default: try reader.skip()
    }
  }

  private mutating func readNamed(
    _ role: String,
    _ reader: inout SettingsReader
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

  /// Roles without a use here; their tokens are special all the same.
  static let otherRoles = ["bos_token", "eos_token"]

  // MARK: The older files, which count where `added_tokens_decoder` is missing

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

  // MARK: What follows from them

  /// Whether the model gets token types, if the files say so.
  var usesTypeIDs: Bool? { modelInputNames?.contains("token_type_ids") }

  /// BERT's normalizer with these settings, and the class's values for what they leave open.
  var normalization: BertNormalization {
    BertNormalization(
      cleansText: true, isolatesChinese: tokenizeChineseChars ?? true,
      stripsAccents: stripAccents, lowercases: lowercase ?? true)
  }

  /// The added tokens in the order of their ids: those of `tokenizer_config.json`, else those of
  /// `added_tokens.json` and over them `tokenizer.json`'s.
  func addedTokens(with file: [NumberedToken]) -> [AddedToken] {
    var tokens: [Int32: AddedToken] = [:]
    for numbered in hasAddedTokens ? addedTokens : addedTokens + file {
      tokens[numbered.id] = numbered.token
    }
    return tokens.sorted { $0.key < $1.key }.map(\.value)
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
      return try addedToken(isSpecial: true)
    default:
      try skip()
      return nil
    }
  }
}
