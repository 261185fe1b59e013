/// How a tokenizer is made from a vocabulary alone; the defaults are those of uncased BERT.
public struct TokenizerOptions: Sendable, Equatable {
  /// Whether text is lower-cased first: `do_lower_case`.
  public var lowercase = true
  /// Whether accents are removed; nil: as `lowercase`.
  public var stripAccents: Bool?
  /// Whether each Chinese character is a word.
  public var tokenizeChineseChars = true
  /// What stands for a word that can't be spelled; must be in the vocabulary.
  public var unkToken = "[UNK]"
  /// What ends a text; must be in the vocabulary.
  public var sepToken = "[SEP]"
  /// What starts the first text; must be in the vocabulary.
  public var clsToken = "[CLS]"
  /// What fills up batches, if the vocabulary has it.
  public var padToken = "[PAD]"
  /// What hides a token, if the vocabulary has it.
  public var maskToken = "[MASK]"
  /// The most tokens that the model takes.
  public var modelMaxLength: Int?

  /// The defaults; change what differs.
  public init() {}
}
