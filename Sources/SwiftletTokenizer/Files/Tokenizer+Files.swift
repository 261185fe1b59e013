import SwiftletMemory

extension Tokenizer {
  /// The tokenizer of a model directory.
  ///
  /// `tokenizer.json` counts if it is there (its `model.type` must be WordPiece), else `vocab.txt`;
  /// `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` are read where
  /// present. What the configuration says of `do_lower_case`, `strip_accents` and
  /// `tokenize_chinese_chars`, and where it says nothing what BERT's tokenizer does, goes over
  /// `tokenizer.json`, as in transformers.
  public init(directory: String) throws(TokenizerError) {
    try Self.checkDirectory(directory)
    let settings = try TokenizerSettings(directory: directory)
    if let file = try Self.open("\(directory)/tokenizer.json") {
      try self.init(try TokenizerFile(file.utf8, path: file.path), settings)
    } else if let file = try Self.open("\(directory)/vocab.txt") {
      let vocabulary = try VocabularyFile.read(file.utf8, path: file.path)
      try self.init(vocabulary, path: file.path, settings)
    } else {
      throw .vocabularyNotFound(
        directory: directory,
        lookedFor: ["tokenizer.json", "vocab.txt"]
      )
    }
  }

  /// The tokenizer of a `vocab.txt` alone: one token a line, the id is the line's number from 0.
  public init(
    vocabularyFile path: String,
    options: TokenizerOptions = TokenizerOptions()
  ) throws(TokenizerError) {
    let file = try Self.openRequired(path)
    let vocabulary = try VocabularyFile.read(file.utf8, path: path)
    try self.init(vocabulary, path: path, TokenizerSettings(options))
  }

  /// The tokenizer of a `tokenizer.json` alone.
  public init(tokenizerFile path: String) throws(TokenizerError) {
    let file = try Self.openRequired(path)
    try self.init(try TokenizerFile(file.utf8, path: path), TokenizerSettings())
  }

  /// The tokenizer of the contents of a `tokenizer.json`.
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

  // MARK: From what the files say

  private init(_ file: TokenizerFile, _ settings: TokenizerSettings) throws(TokenizerError) {
    guard let section = file.model else { throw .missingKey(path: file.path, key: "model") }
    let model = try WordPiece(
      section.vocabulary,
      continuingPrefix: section.continuingPrefix,
      unkToken: section.unkToken,
      longestWord: section.longestWord,
      path: file.path
    )
    let normalization = settings.adjusting(file.normalization)
    let known = Set(file.addedTokens.map(\.content))
    var tokens =
      file.addedTokens
      + settings.addedTokens.filter { settings.hasAddedTokens || !known.contains($0.content) }
    tokens += settings.namedTokens(missingIn: tokens, vocabulary: model.vocabulary)
    let added = try AddedVocabulary(
      tokens,
      vocabulary: model.vocabulary,
      normalization: normalization,
      path: file.path
    )
    self.init(
      core: TokenizerCore(
        model: model,
        added: added,
        normalization: normalization,
        preTokenizers: file.preTokenizers ?? [.bert],
        template: file.template,
        decoding: file.decoding,
        special: SpecialIDs(settings, model, added),
        modelMaxLength: settings.modelMaxLength,
        truncationSide: settings.truncationSide ?? file.stored.truncationSide,
        stored: file.stored,
        cleansUpSpaces: settings.cleansUpSpaces ?? false
      )
    )
  }

  private init(
    _ builder: VocabularyBuilder,
    path: String,
    _ settings: TokenizerSettings
  ) throws(TokenizerError) {
    let model = try WordPiece(
      builder,
      continuingPrefix: "##",
      unkToken: settings.name(.unknown),
      longestWord: 100,
      path: path
    )
    let normalization = settings.adjusting(.bert(BertNormalization()))
    let settings = settings.withDefaultNames
    var tokens = settings.addedTokens
    tokens += settings.namedTokens(missingIn: tokens, vocabulary: model.vocabulary)
    let added = try AddedVocabulary(
      tokens,
      vocabulary: model.vocabulary,
      normalization: normalization,
      path: path
    )
    let special = SpecialIDs(settings, model, added)
    guard let cls = special.cls else {
      throw .missingToken(
        path: path,
        token: settings.name(.classifier),
        role: "classifier"
      )
    }
    guard let sep = special.sep else {
      throw .missingToken(
        path: path,
        token: settings.name(.separator),
        role: "separator"
      )
    }
    self.init(
      core: TokenizerCore(
        model: model,
        added: added,
        normalization: normalization,
        template: .bert(cls: cls, sep: sep),
        decoding: .wordPiece(prefix: [UInt8]("##".utf8), cleansUp: true),
        special: special,
        modelMaxLength: settings.modelMaxLength,
        truncationSide: settings.truncationSide ?? .right,
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

  /// The file at a path, nil if there is none. Read, not mapped: it is small, and may be overwritten.
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
    longestWord: Int,
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
      longestWord: longestWord
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
}
