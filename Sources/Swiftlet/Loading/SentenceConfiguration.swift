/// What `config_sentence_transformers.json` says. The library reads it beside a `modules.json` alone.
struct SentenceConfiguration {
  /// Which of the library's classes saved the folder.
  private(set) var modelType = Self.sentenceModel
  private(set) var prompts = Prompts()
  /// How many coordinates of an embedding are kept.
  private(set) var dimensions: Int?

  static let file = "config_sentence_transformers.json"
  static let sentenceModel = "SentenceTransformer"
  static let crossEncoder = "CrossEncoder"

  init(_ folder: ModelFolder) throws(SwiftletError) {
    guard !folder.modules.isEmpty,
      let settings = try JSONTree(Self.file, in: folder.directory)
    else { return }
    let path = ModelFiles.path(Self.file, in: folder.directory)
    modelType = settings["model_type"]?.string ?? modelType
    dimensions = try settings.count("truncate_dim", path)
    for (name, value) in settings["prompts"]?.members ?? [] {
      switch value {
      case .string(let text): prompts.texts[name] = text
      case .null: prompts.texts[name] = ""
      default: throw .invalidModel(reason: "\(path): the prompt \"\(name)\" is not a text")
      }
    }
    guard let name = settings["default_prompt_name"]?.string else { return }
    // A sentence model has these two, empty, without naming them.
    let isKnown =
      prompts.texts[name] != nil
      || modelType == Self.sentenceModel && ["query", "document"].contains(name)
    guard isKnown else {
      throw .invalidModel(
        reason: "\(path) has no prompt \"\(name)\", its default_prompt_name")
    }
    prompts.defaultName = name
  }
}
