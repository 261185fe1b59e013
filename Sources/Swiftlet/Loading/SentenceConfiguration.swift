import SwiftletJSON

/// The contents of `config_sentence_transformers.json`, which sentence-transformers reads only if
/// there is a `modules.json`.
struct SentenceConfiguration {
  /// The class of sentence-transformers that saved the folder.
  private(set) var modelType = Self.sentenceModel
  private(set) var prompts = Prompts()
  /// The number of elements to which embeddings are truncated.
  private(set) var dimensions: Int?

  static let file = "config_sentence_transformers.json"
  static let sentenceModel = "SentenceTransformer"
  static let crossEncoder = "CrossEncoder"

  init(_ folder: ModelFolder) throws(SwiftletError) {
    guard !folder.modules.isEmpty,
      let settings = try JSONValue(Self.file, in: folder.directory)
    else { return }
    let path = ModelFiles.path(Self.file, in: folder.directory)
    modelType = settings["model_type"]?.string ?? modelType
    dimensions = try settings.count("truncate_dim", path)
    for (name, value) in settings["prompts"]?.members ?? [] {
      switch value {
      case .string(let text): prompts.texts[name] = text
      case .null: prompts.texts[name] = ""
      default: throw .invalidModel(reason: "\(path): the prompt \"\(name)\" is not a string")
      }
    }
    guard let name = settings["default_prompt_name"]?.string else { return }
    // Every sentence model has these two prompts, empty by default.
    let isKnown =
      prompts.texts[name] != nil
      || modelType == Self.sentenceModel && ["query", "document"].contains(name)
    guard isKnown else {
      throw .invalidModel(
        reason: "\(path) has no prompt \"\(name)\", which is its default_prompt_name")
    }
    prompts.defaultName = name
  }
}
