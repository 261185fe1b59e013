import SwiftletSystem

extension Tokenizer {
  /// Loads the tokenizer of a model directory, as transformers 5 does.
  ///
  /// `tokenizer_class` in `tokenizer_config.json`, or else in `config.json`, selects the class; the
  /// default is BERT's. That class reads the vocabulary and the added tokens from `tokenizer.json`,
  /// or `vocab.txt`, and all settings from `tokenizer_config.json`, `special_tokens_map.json` and
  /// `added_tokens.json`. `PreTrainedTokenizerFast`, and classes unknown to transformers, read only
  /// `tokenizer.json`, whose `model.type` must be WordPiece.
  ///
  /// - Throws: ``TokenizerError/unsupported(path:part:found:supported:)`` for a class with another
  ///   algorithm and for every feature that Swiftlet does not support.
  public init(directory: String) throws(TokenizerError) {
    try self.init(directory: directory, modelDirectory: directory)
  }

  /// Loads a tokenizer with `config.json` in another folder and settings that override the files.
  package init(
    directory: String, modelDirectory: String, overrides: TokenizerOverrides = TokenizerOverrides()
  ) throws(TokenizerError) {
    try Self.checkDirectory(directory)
    let settings = try TokenizerSettings(directory: directory, overrides)
    let named = try TokenizerClassName(settings, directory, modelDirectory)
    let kind = try TokenizerClass(named: named.name, path: named.path)
    if let file = try Self.open("\(directory)/tokenizer.json") {
      let contents = try TokenizerFile(file.utf8, path: file.path, readsAll: kind == .file)
      if case .bert(let usesTypeIDs) = kind {
        try self.init(
          bert: contents.required().vocabulary, path: file.path, contents, settings,
          usesTypeIDs: usesTypeIDs, lowercasesFirst: overrides.lowercasesFirst)
      } else {
        try self.init(
          contents, settings, usesTypeIDs: false, lowercasesFirst: overrides.lowercasesFirst)
      }
    } else if let file = try Self.open("\(directory)/vocab.txt") {
      guard case .bert(let usesTypeIDs) = kind else {
        throw TokenizerClass.unsupported(named.name ?? "", path: named.path)
      }
      try self.init(
        bert: try VocabularyFile.read(file.utf8, path: file.path), path: file.path, nil, settings,
        usesTypeIDs: usesTypeIDs, lowercasesFirst: overrides.lowercasesFirst)
    } else {
      throw .vocabularyNotFound(directory: directory, lookedFor: ["tokenizer.json", "vocab.txt"])
    }
  }

  /// The names of all tokenizer files; each is optional.
  package static let files = [
    "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json",
  ]

  /// Loads a tokenizer from only a `vocab.txt`: one token per line, whose id is the line index from
  /// 0.
  public init(
    vocabularyFile path: String, options: TokenizerOptions = TokenizerOptions()
  ) throws(TokenizerError) {
    let file = try Self.openRequired(path)
    let vocabulary = try VocabularyFile.read(file.utf8, path: path)
    try self.init(bert: vocabulary, path: path, nil, TokenizerSettings(options))
  }

  /// Loads a tokenizer from only a `tokenizer.json`.
  public init(tokenizerFile path: String) throws(TokenizerError) {
    let file = try Self.openRequired(path)
    try self.init(try TokenizerFile(file.utf8, path: path), TokenizerSettings())
  }

  /// Creates a tokenizer from the contents of a `tokenizer.json`.
  public init(tokenizerJSON bytes: [UInt8]) throws(TokenizerError) {
    let name = "tokenizer.json"
    let result = bytes.withUnsafeBufferPointer {
      bytes -> Result<TokenizerFile, TokenizerError> in
      do throws(TokenizerError) {
        return .success(try TokenizerFile(bytes, path: name))
      } catch {
        return .failure(error)
      }
    }
    try self.init(try result.get(), TokenizerSettings())
  }

  // MARK: Building

  /// Builds a tokenizer from a `tokenizer.json`.
  private init(
    _ file: TokenizerFile, _ settings: TokenizerSettings, usesTypeIDs: Bool = true,
    lowercasesFirst: Bool = false
  ) throws(TokenizerError) {
    let section = try file.required()
    let model = try WordPiece(
      section.vocabulary,
      continuingPrefix: section.continuingPrefix,
      unkToken: section.unkToken,
      maxWordLength: section.maxWordLength,
      path: file.path
    )
    var tokens = file.addedTokens.map(\.token)
    tokens += settings.addedTokens(with: file.addedTokens)
    tokens += settings.namedTokens(missingIn: tokens)
    let added = try AddedVocabulary(
      tokens,
      vocabulary: model.vocabulary,
      normalization: file.normalization,
      splitsSpecialTokens: settings.splitsSpecialTokens,
      path: file.path
    )
    self.init(
      core: TokenizerCore(
        model: model,
        added: added,
        normalization: lowercasesFirst ? file.normalization.lowercasedFirst : file.normalization,
        preTokenizers: file.preTokenizers ?? [.bert],
        template: file.template,
        decoding: file.decoding,
        special: SpecialIDs(settings, model, added),
        modelMaxLength: settings.modelMaxLength,
        truncationSide: settings.truncationSide ?? file.stored.truncationSide,
        usesTypeIDs: settings.usesTypeIDs ?? usesTypeIDs,
        stored: file.stored,
        cleansUpSpaces: settings.cleansUpSpaces ?? false
      )
    )
  }

  /// Builds BERT's tokenizer from a vocabulary and settings.
  private init(
    bert builder: VocabularyBuilder, path: String, _ file: TokenizerFile?,
    _ settings: TokenizerSettings, usesTypeIDs: Bool = true, lowercasesFirst: Bool = false
  ) throws(TokenizerError) {
    let model = try WordPiece(
      builder,
      continuingPrefix: "##",
      unkToken: settings.name(.unknown),
      maxWordLength: 100,
      path: path
    )
    let normalization = Normalization.bert(settings.normalization)
    let settings = settings.withDefaultNames
    for role in [SpecialRole.classifier, .separator] {
      let token = settings.name(role)
      guard model.vocabulary.id(of: [UInt8](token.utf8)) != nil else {
        throw .missingToken(
          path: path, token: token, role: role == .classifier ? "classifier" : "separator")
      }
    }
    var tokens = settings.addedTokens(with: file?.addedTokens ?? [])
    tokens += settings.namedTokens(missingIn: tokens)
    let added = try AddedVocabulary(
      tokens,
      vocabulary: model.vocabulary,
      normalization: normalization,
      splitsSpecialTokens: settings.splitsSpecialTokens,
      path: path
    )
    let special = SpecialIDs(settings, model, added)
    self.init(
      core: TokenizerCore(
        model: model,
        added: added,
        normalization: lowercasesFirst ? normalization.lowercasedFirst : normalization,
        template: special.template,
        decoding: .wordPiece(prefix: [UInt8]("##".utf8), cleansUp: true),
        special: special,
        modelMaxLength: settings.modelMaxLength,
        truncationSide: settings.truncationSide ?? file?.stored.truncationSide ?? .right,
        usesTypeIDs: settings.usesTypeIDs ?? usesTypeIDs,
        stored: file?.stored ?? EncodingOptions(),
        cleansUpSpaces: settings.cleansUpSpaces ?? false
      )
    )
  }

  // MARK: Files

  private static func checkDirectory(_ path: String) throws(TokenizerError) {
    let isFolder: Bool
    do throws(FileError) {
      isFolder = try FileStatus.isFolder(path)
    } catch {
      if error.isNotFound { throw .directoryNotFound(path: path) }
      throw .unreadable(path: path, reason: error.reason)
    }
    guard isFolder else { throw .notADirectory(path: path) }
  }

  /// Reads a file; returns nil if there is none. Not mapped, because it may be overwritten in
  /// place.
  static func open(
    _ path: String, limit: Int = VocabularyBuilder.byteLimit
  ) throws(TokenizerError) -> FileContents? {
    do throws(FileError) {
      return try FileContents(path: path, loading: .read, limit: limit)
    } catch {
      if error.isNotFound { return nil }
      throw .unreadable(path: path, reason: error.reason)
    }
  }

  private static func openRequired(_ path: String) throws(TokenizerError) -> FileContents {
    do throws(FileError) {
      return try FileContents(path: path, loading: .read, limit: VocabularyBuilder.byteLimit)
    } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
  }
}

extension FileContents {
  var utf8: UnsafeBufferPointer<UInt8> { bytes.bindMemory(to: UInt8.self) }
}

extension WordPiece {
  fileprivate init(
    _ builder: VocabularyBuilder,
    continuingPrefix: String,
    unkToken: String,
    maxWordLength: Int,
    path: String
  ) throws(TokenizerError) {
    let prefix = [UInt8](continuingPrefix.utf8)
    let vocabulary = try Vocabulary(builder, continuingPrefix: prefix, path: path)
    guard let unknown = vocabulary.id(of: [UInt8](unkToken.utf8)) else {
      throw .missingToken(path: path, token: unkToken, role: "unknown")
    }
    self.init(
      vocabulary: vocabulary,
      continuingPrefix: prefix,
      unknownID: unknown,
      maxWordLength: maxWordLength
    )
  }
}

extension SpecialIDs {
  fileprivate init(_ settings: TokenizerSettings, _ model: WordPiece, _ added: AddedVocabulary) {
    func id(_ role: SpecialRole) -> Int32? {
      let bytes = [UInt8](settings.name(role).utf8)
      return added.id(of: bytes) ?? model.vocabulary.id(of: bytes)
    }
    self.init(
      cls: id(.classifier),
      sep: id(.separator),
      pad: id(.padding),
      mask: id(.mask),
      unk: model.unknownID
    )
  }

  /// BERT's template, which needs both ids.
  fileprivate var template: Template {
    guard let cls, let sep else { return .plain }
    return .bert(cls: cls, sep: sep)
  }
}
