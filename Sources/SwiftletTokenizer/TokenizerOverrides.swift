/// Settings of sentence-transformers that override those of the tokenizer's own files.
package struct TokenizerOverrides: Sendable {
  /// Keys of `tokenizer_config.json`.
  package struct Keys: Sendable {
    /// A JSON object.
    package let json: [UInt8]
    /// The file of the object, for errors.
    package let path: String

    package init(json: [UInt8], path: String) {
      self.json = json
      self.path = path
    }
  }

  /// Override the keys of the folder's own files.
  package var keys: Keys?
  /// Overrides all other settings of the length.
  package var modelMaxLength: Int?
  /// Whether text is lower-cased before normalization, but after special tokens are matched.
  package var lowercasesFirst = false

  package init() {}
}
