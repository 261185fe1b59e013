/// BERT's WordPiece tokenizer: encodes text to ids with offsets, and decodes ids to text.
///
///     let tokenizer = try Tokenizer(directory: "distilbert-base-uncased")
///     let encoding = tokenizer.encode("Reads like a dream.")
///     encoding.ids      // [101, 9631, 2066, 1037, 3959, 1012, 102]
///
/// Ids and offsets equal those of the Python package `tokenizers` 0.23 for every text. Any number
/// of threads may use a tokenizer; copies share their storage.
public struct Tokenizer: Sendable {
  let core: TokenizerCore

  init(core: TokenizerCore) { self.core = core }

  /// The number of tokens, added tokens included, as `len(tokenizer)` returns.
  ///
  /// Ids may be larger if the vocabulary has gaps: see ``maxID``.
  public var vocabularySize: Int {
    let vocabulary = core.model.vocabulary
    let more = core.added.entries.lazy.filter { vocabulary.id(of: $0.token.content) == nil }
    return vocabulary.count + more.count
  }

  /// The largest id: a model needs an embedding row for each id up to it.
  public var maxID: Int32 {
    core.added.entries.reduce(core.model.vocabulary.maxID) { max($0, $1.id) }
  }

  /// The model's maximum number of tokens, special tokens included; nil if the files do not set it.
  public var modelMaxLength: Int? { core.modelMaxLength }

  /// The side at which long texts are truncated according to the files (`truncation_side`).
  ///
  /// Not applied automatically: pass it as ``EncodingOptions/truncationSide``.
  public var truncationSide: TextSide { core.truncationSide }

  /// Whether the model takes ``Encoding/typeIDs``; otherwise all of its tokens have type 0.
  ///
  /// Set by `model_input_names` in `tokenizer_config.json`, or else by the tokenizer's class: true
  /// for BERT, false for DistilBERT and `PreTrainedTokenizerFast`.
  public var modelUsesTypeIDs: Bool { core.usesTypeIDs }

  /// Returns the type ids for the model; nil if all are 0.
  package func modelTypeIDs(of encoding: Encoding) -> [Int32]? {
    modelUsesTypeIDs ? encoding.typeIDs : nil
  }

  /// Whether the model gets a type other than 0 in a single text.
  package var typesSingleTexts: Bool {
    modelUsesTypeIDs && core.template.single.contains { $0.typeID != 0 }
  }

  /// The options from the sections `truncation` and `padding` of `tokenizer.json`.
  ///
  /// Not applied automatically: pass them to `encode`.
  public var storedOptions: EncodingOptions { core.stored }

  /// The id of the first token, whose final hidden state is classified: `[CLS]`.
  public var clsID: Int32? { core.special.cls }
  /// The id of the token at the end of each text: `[SEP]`.
  public var sepID: Int32? { core.special.sep }
  /// The id of the padding token: `[PAD]`.
  public var padID: Int32? { core.special.pad }
  /// The id of the mask token: `[MASK]`.
  public var maskID: Int32? { core.special.mask }
  /// The id of the token for words that the vocabulary can't spell: `[UNK]`.
  public var unkID: Int32 { core.special.unk }

  /// Returns whether an id belongs to a special token, which decoding can skip.
  public func isSpecial(_ id: Int32) -> Bool {
    core.added.entry(of: id)?.token.isSpecial ?? false
  }

  /// Returns the token with an id as spelled in the vocabulary (`##ing`); nil if there is none.
  public func token(for id: Int32) -> String? {
    if let entry = core.added.entry(of: id) {
      return String(decoding: entry.token.content, as: UTF8.self)
    }
    return core.model.vocabulary.bytes(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Returns the id of a token as spelled in the vocabulary; compares bytes, without normalization.
  public func id(of token: String) -> Int32? {
    let bytes = [UInt8](token.utf8)
    return core.added.id(of: bytes) ?? core.model.vocabulary.id(of: bytes)
  }
}
