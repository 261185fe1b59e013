/// Options of a tokenizer that is made from only a vocabulary; the defaults are those of uncased
/// BERT.
public struct TokenizerOptions: Sendable, Equatable {
  /// Whether to lower-case text (`do_lower_case`).
  public var lowercase = true
  /// Whether to remove accents; nil for the value of `lowercase`.
  public var stripAccents: Bool?
  /// Whether each Chinese character is a word.
  public var tokenizeChineseChars = true
  /// The token for words that can't be spelled; must be in the vocabulary.
  public var unkToken = "[UNK]"
  /// The token at the end of a text; must be in the vocabulary.
  public var sepToken = "[SEP]"
  /// The token at the start of the first text; must be in the vocabulary.
  public var clsToken = "[CLS]"
  /// The padding token; may be missing in the vocabulary.
  public var padToken = "[PAD]"
  /// The mask token; may be missing in the vocabulary.
  public var maskToken = "[MASK]"
  /// The model's maximum number of tokens.
  public var modelMaxLength: Int?

  /// Creates the default options.
  public init() {}
}
