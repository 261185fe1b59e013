import SwiftletJSON
import SwiftletSystem

/// The name of the class that a folder asks for, and the file that gives it.
struct TokenizerClassName {
  let name: String?
  let path: String

  /// `tokenizer_class` of `tokenizer_config.json`, else of `config.json`.
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
    // An empty name is not that of a class.
    self.name = name ?? settings.tokenizerClass
  }
}
