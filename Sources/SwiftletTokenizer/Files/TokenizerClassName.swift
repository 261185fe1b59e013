import SwiftletJSON
import SwiftletSystem

/// The name of a folder's tokenizer class, and the file that contains it.
struct TokenizerClassName {
  let name: String?
  let path: String

  /// Reads `tokenizer_class` of `tokenizer_config.json`, or else of `config.json`.
  init(
    _ settings: TokenizerSettings, _ directory: String, _ modelDirectory: String
  ) throws(TokenizerError) {
    if let name = settings.tokenizerClass, !name.isEmpty {
      self.name = name
      path = "\(directory)/tokenizer_config.json"
      return
    }
    path = "\(modelDirectory)/config.json"
    var name: String?
    if let file = try Tokenizer.open(path, limit: FileContents.maxSettingsBytes) {
      var reader = try SettingsReader(file.utf8, path: path)
      try reader.object(checkingDuplicates: false) { reader, key throws(TokenizerError) in
        if key == "tokenizer_class", try reader.kind() == .string {
          name = try reader.string()
        } else {
          try reader.skip()
        }
      }
      try reader.finish()
    }
    // An empty name in the settings counts only if config.json has no name.
    self.name = name ?? settings.tokenizerClass
  }
}
