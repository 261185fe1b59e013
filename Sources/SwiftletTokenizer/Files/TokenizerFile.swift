import SwiftletJSON

/// The contents of a `tokenizer.json` with a WordPiece model; other models are an error.
struct TokenizerFile {
  private(set) var path: String
  private(set) var model: ModelSection?
  private(set) var addedTokens: [NumberedToken] = []
  private(set) var normalization = Normalization.bert(.none)
  private(set) var template = Template.plain
  private(set) var decoding = Decoding.joined
  private(set) var preTokenizers: [PreTokenizer]?
  private(set) var stored = EncodingOptions()

  /// Reads a file; with `readsAll` false only its vocabulary, added tokens, truncation and padding.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, path: String, readsAll: Bool = true
  ) throws(TokenizerError) {
    self.path = path
    guard bytes.count <= VocabularyBuilder.byteLimit else {
      throw .tooLarge(path: path, bytes: bytes.count)
    }
    // Like tokenizers, without lone surrogates: U+FFFD in their place would change a token.
    var reader = try SettingsReader(bytes, path: path, rules: [.nonFiniteNumbers, .repeatedKeys])
    var file = self
    // Every section is assigned as a whole, so the last of repeated keys counts without reading
    // ahead, which would parse the vocabulary twice.
    try reader.object(checkingDuplicates: false) { reader, key throws(TokenizerError) in
      try file.readSection(key, &reader, size: bytes.count, readsAll)
    }
    try reader.finish()
    self = file
    guard preTokenizers != nil || !readsAll else {
      throw PreTokenizer.unsupported("null", path: path)
    }
  }

  private mutating func readSection(
    _ key: JSONString, _ reader: inout SettingsReader, size: Int, _ readsAll: Bool
  ) throws(TokenizerError) {
    switch key {
    case "normalizer", "pre_tokenizer", "post_processor", "decoder":
      guard readsAll else { return try reader.skip() }
      try readStep(key, &reader)
    case "version":
      let version = try reader.string()
      guard version == "1.0" else {
        throw .unsupported(path: path, part: "version", found: version, supported: "1.0")
      }
    case "added_tokens": addedTokens = try reader.addedTokens()
    case "truncation":
      let padding = stored.padding
      stored = EncodingOptions()
      stored.padding = padding
      try reader.truncation(into: &stored)
    case "padding": stored.padding = try reader.padding()
    case "model": model = try ModelSection(&reader, size: size)
    default: try reader.skip()
    }
  }

  private mutating func readStep(
    _ key: JSONString, _ reader: inout SettingsReader
  ) throws(TokenizerError) {
    switch key {
    case "normalizer": normalization = try reader.normalization()
    case "pre_tokenizer": preTokenizers = try reader.preTokenizers()
    case "post_processor": template = try reader.template()
    default: decoding = try reader.decoding()
    }
  }

  /// Returns the `model`; throws if it is missing.
  func required() throws(TokenizerError) -> ModelSection {
    guard let model else { throw .missingKey(path: path, key: "model") }
    return model
  }
}

/// The `model` of a `tokenizer.json`.
struct ModelSection {
  private(set) var vocabulary = VocabularyBuilder(
    expectedBytes: 0, expectedTokens: 0, replacesDuplicates: false)
  private(set) var unkToken = "[UNK]"
  private(set) var continuingPrefix = "##"
  private(set) var maxWordLength = 100
  private var type: String?
  private var keys: Set<String> = []
  /// The size of the whole file, to estimate the number of tokens.
  private var size: Int

  init(_ reader: inout SettingsReader, size: Int) throws(TokenizerError) {
    self.size = size
    var model = self
    try reader.object(checkingDuplicates: false) { reader, key throws(TokenizerError) in
      try model.readKey(key, &reader)
    }
    self = model
    try checkType(path: reader.path)
    guard keys.contains("vocab") else { throw .missingKey(path: reader.path, key: "vocab") }
  }

  private mutating func readKey(
    _ key: JSONString, _ reader: inout SettingsReader
  ) throws(TokenizerError) {
    keys.insert(key.string)
    switch key {
    case "type": type = try reader.string()
    case "unk_token":
      // Other models have null here; `checkType` detects them by their other keys.
      if try !reader.null() { unkToken = try reader.string() }
    case "continuing_subword_prefix":
      if try !reader.null() { continuingPrefix = try reader.string() }
    case "max_input_chars_per_word":
      let count = try reader.integer()
      guard let fitting = Int(exactly: count), fitting >= 0 else {
        throw .invalidValue(
          path: reader.path,
          key: "max_input_chars_per_word",
          found: "\(count)",
          expected: "a non-negative number of characters"
        )
      }
      maxWordLength = fitting
    case "vocab":
      if try reader.kind() == .object, type == nil || type == "WordPiece" {
        try readVocabulary(&reader)
      } else {
        try reader.skip()
      }
    default: try reader.skip()
    }
  }

  /// Copies tokens from the file's bytes to the builder; `Vocabulary` detects duplicates.
  private mutating func readVocabulary(_ reader: inout SettingsReader) throws(TokenizerError) {
    var vocabulary = VocabularyBuilder(
      expectedBytes: size / 3, expectedTokens: size / 20, replacesDuplicates: false)
    defer { self.vocabulary = vocabulary }
    try reader.object(checkingDuplicates: false) { reader, key throws(TokenizerError) in
      vocabulary.append(key.utf8)
      let id = try reader.integer()
      guard let fitting = Int32(exactly: id), fitting >= 0 else {
        throw .idOutOfRange(path: reader.path, token: vocabulary.lastToken, id: id)
      }
      vocabulary.setLastID(fitting)
    }
  }

  /// Checks that the model is WordPiece. Old files have no type; WordPiece is the only model that
  /// has both the prefix and the limit.
  private func checkType(path: String) throws(TokenizerError) {
    if type == "WordPiece" { return }
    let isWordPiece = keys.isSuperset(of: [
      "vocab", "continuing_subword_prefix", "max_input_chars_per_word",
    ])
    guard type == nil, isWordPiece, !keys.contains("merges") else {
      throw .unsupported(
        path: path, part: "model type", found: type ?? "(none given)", supported: "WordPiece")
    }
  }
}

extension SettingsReader {
  fileprivate mutating func addedTokens() throws(TokenizerError) -> [NumberedToken] {
    var tokens: [NumberedToken] = []
    if try null() { return tokens }
    try array { reader throws(TokenizerError) in tokens.append(try reader.numberedToken()) }
    return tokens
  }

  fileprivate mutating func decoding() throws(TokenizerError) -> Decoding {
    if try null() { return .joined }
    var type: String?
    var prefix = "##"
    var cleansUp = true
    try object { reader, key throws(TokenizerError) in
      switch key {
      case "type": type = try reader.string()
      case "prefix" where try reader.kind() == .string: prefix = try reader.string()
      case "cleanup" where try reader.kind() == .boolean: cleansUp = try reader.bool()
      default: try reader.skip()
      }
    }
    guard type == "WordPiece" else {
      throw .unsupported(
        path: path, part: "decoder", found: type ?? "(none given)", supported: "WordPiece")
    }
    return .wordPiece(prefix: [UInt8](prefix.utf8), cleansUp: cleansUp)
  }
}
