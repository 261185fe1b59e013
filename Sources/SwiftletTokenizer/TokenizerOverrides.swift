/// What a library over transformers lays over the tokenizer of a folder.
package struct TokenizerOverrides: Sendable {
  /// Keys as `tokenizer_config.json` has them.
  package struct Keys: Sendable {
    /// An object.
    package let json: [UInt8]
    /// The file that it is from, for errors.
    package let path: String

    package init(json: [UInt8], path: String) {
      self.json = json
      self.path = path
    }
  }

  /// Count over those of the folder's own files.
  package var keys: Keys?
  /// Counts over all that is said of the length elsewhere.
  package var modelMaxLength: Int?
  /// Whether a text is lower-cased before it is normalized; special tokens in it are found before.
  package var lowercasesFirst = false

  package init() {}
}
