/// BERT's tokenizer: text to ids of a WordPiece vocabulary, with offsets into the text, and back.
///
///     let tokenizer = try Tokenizer(directory: "distilbert-base-uncased")
///     let encoding = tokenizer.encode("Reads like a dream.")
///     encoding.ids      // [101, 9631, 2066, 1037, 3959, 1012, 102]
///
/// Ids and offsets equal those of the Python package `tokenizers` 0.23 for every text. A tokenizer
/// is immutable and may be used by any number of threads at once; copying one costs a reference.
public struct Tokenizer: Sendable {
  let core: TokenizerCore

  init(core: TokenizerCore) { self.core = core }

  /// The number of tokens, added ones included, as `len(tokenizer)` counts them.
  ///
  /// Ids may reach further where the vocabulary has gaps: see ``maxID``.
  public var vocabularySize: Int {
    let vocabulary = core.model.vocabulary
    let more = core.added.entries.lazy.filter { vocabulary.id(of: $0.token.content) == nil }
    return vocabulary.count + more.count
  }

  /// The greatest id that encoding can give: a model needs an embedding row for each id up to it.
  public var maxID: Int32 {
    core.added.entries.reduce(core.model.vocabulary.maxID) { max($0, $1.id) }
  }

  /// The most tokens, special ones included, that the model takes, if the files say so.
  public var modelMaxLength: Int? { core.modelMaxLength }

  /// From which side a text that is too long is cut, if the files say so (`truncation_side`).
  ///
  /// Tokenizers are told by ``EncodingOptions/truncationSide``; this is what whoever has no other wish
  /// should tell them.
  public var truncationSide: TextSide { core.truncationSide }

  /// Whether a model is to get ``Encoding/typeIDs``: if not, all of its tokens are of type 0.
  ///
  /// `model_input_names` of `tokenizer_config.json` says so, else the tokenizer's class: BERT's gives
  /// them, DistilBERT's and `PreTrainedTokenizerFast` do not.
  public var modelUsesTypeIDs: Bool { core.usesTypeIDs }

  /// The types of an encoding as a model is to get them; nil for nothing but 0.
  package func modelTypeIDs(of encoding: Encoding) -> [Int32]? {
    modelUsesTypeIDs ? encoding.typeIDs : nil
  }

  /// Whether a single text has a token for the model whose type is not 0.
  package var typesSingleTexts: Bool {
    modelUsesTypeIDs && core.template.single.contains { $0.typeID != 0 }
  }

  /// What the sections `truncation` and `padding` of the `tokenizer.json` ask for.
  ///
  /// Nothing is cut or filled up because of them unless they are given to `encode`: the engine packs
  /// its batches and knows the length of its model.
  public var storedOptions: EncodingOptions { core.stored }

  /// The id of the token that stands first and whose final hidden state classifies: `[CLS]`.
  public var clsID: Int32? { core.special.cls }
  /// The id of the token that ends each text: `[SEP]`.
  public var sepID: Int32? { core.special.sep }
  /// The id of the token that fills up batches: `[PAD]`.
  public var padID: Int32? { core.special.pad }
  /// The id of the token that hides another: `[MASK]`.
  public var maskID: Int32? { core.special.mask }
  /// The id of the token that stands for words that the vocabulary can't spell: `[UNK]`.
  public var unkID: Int32 { core.special.unk }

  /// Whether an id is a special token's: one that decoding skips on request.
  public func isSpecial(_ id: Int32) -> Bool {
    core.added.entry(of: id)?.token.isSpecial ?? false
  }

  /// The token with an id, as the vocabulary writes it (`##ing`); nil if no token has it.
  public func token(for id: Int32) -> String? {
    if let entry = core.added.entry(of: id) {
      return String(decoding: entry.token.content, as: UTF8.self)
    }
    return core.model.vocabulary.bytes(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The id of a token as the vocabulary writes it; compared byte by byte, not normalized.
  public func id(of token: String) -> Int32? {
    let bytes = [UInt8](token.utf8)
    return core.added.id(of: bytes) ?? core.model.vocabulary.id(of: bytes)
  }
}
