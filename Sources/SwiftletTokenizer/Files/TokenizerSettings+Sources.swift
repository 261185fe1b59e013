import SwiftletSystem

extension TokenizerSettings {
  /// Reads the settings files of a model directory and applies `overrides`.
  init(directory: String, _ overrides: TokenizerOverrides) throws(TokenizerError) {
    self.init()
    if let file = try Tokenizer.open(
      "\(directory)/tokenizer_config.json", limit: FileContents.maxSettingsBytes)
    {
      var reader = try SettingsReader(file.utf8, path: file.path)
      try readConfiguration(&reader)
    }
    if let file = try Tokenizer.open(
      "\(directory)/special_tokens_map.json", limit: FileContents.maxSettingsBytes)
    {
      var reader = try SettingsReader(file.utf8, path: file.path)
      try readSpecialTokensMap(&reader)
    }
    if let file = try Tokenizer.open(
      "\(directory)/added_tokens.json", limit: FileContents.maxSettingsBytes)
    {
      var reader = try SettingsReader(file.utf8, path: file.path)
      try readAddedTokensFile(&reader)
    }
    if let keys = overrides.keys {
      try self.readOverrides(in: keys)
    }
    modelMaxLength = overrides.modelMaxLength ?? modelMaxLength
  }

  private mutating func readOverrides(in keys: TokenizerOverrides.Keys) throws(TokenizerError) {
    let settings = self
    let result = keys.json.withUnsafeBufferPointer { bytes in
      Result { () throws(TokenizerError) in
        var changed = settings
        var reader = try SettingsReader(bytes, path: keys.path)
        try changed.readOverrides(&reader)
        return changed
      }
    }
    self = try result.get()
  }

  /// Converts a caller's options.
  init(_ options: TokenizerOptions) {
    self.init()
    lowercase = options.lowercase
    stripAccents = options.stripAccents
    tokenizeChineseChars = options.tokenizeChineseChars
    modelMaxLength = options.modelMaxLength
    named = [
      "unk_token": Self.special(options.unkToken), "sep_token": Self.special(options.sepToken),
      "cls_token": Self.special(options.clsToken), "pad_token": Self.special(options.padToken),
      "mask_token": Self.special(options.maskToken),
    ]
  }

  /// These settings with BERT's tokens for the missing roles.
  var withDefaultNames: TokenizerSettings {
    var settings = self
    for role in SpecialRole.allCases where settings.named[role.rawValue] == nil {
      settings.named[role.rawValue] = Self.special(role.defaultName)
    }
    return settings
  }

  private static func special(_ name: String) -> AddedToken {
    AddedToken(content: [UInt8](name.utf8), isNormalized: false, isSpecial: true)
  }

  /// Returns the token of a role; BERT's if the settings have none.
  func name(_ role: SpecialRole) -> String {
    named[role.rawValue].map { String(decoding: $0.content, as: UTF8.self) } ?? role.defaultName
  }

  /// Returns the special tokens that are not in the list of added tokens.
  func namedTokens(missingIn tokens: [AddedToken]) -> [AddedToken] {
    let known = Set(tokens.map(\.content))
    let roles = Self.otherRoles + SpecialRole.allCases.map(\.rawValue)
    return (roles.compactMap { named[$0] } + extraTokens).filter { !known.contains($0.content) }
  }
}

/// The role of a special token; the raw value is the key in configuration files.
enum SpecialRole: String, CaseIterable {
  case unknown = "unk_token"
  case separator = "sep_token"
  case padding = "pad_token"
  case classifier = "cls_token"
  case mask = "mask_token"

  /// BERT's token for the role.
  var defaultName: String {
    switch self {
    case .unknown: "[UNK]"
    case .separator: "[SEP]"
    case .padding: "[PAD]"
    case .classifier: "[CLS]"
    case .mask: "[MASK]"
    }
  }
}
