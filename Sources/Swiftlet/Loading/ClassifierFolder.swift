/// Where a classifier lies, and what sentence-transformers says of it if that library saved it as a
/// cross-encoder.
struct ClassifierFolder {
  let folder: ModelFolder
  private(set) var settings = SentenceSettings()
  private(set) var prompts = Prompts()

  init(_ folder: ModelFolder) throws(SwiftletError) {
    self.folder = folder
    let configuration = try SentenceConfiguration(folder)
    guard configuration.modelType == SentenceConfiguration.crossEncoder else { return }
    if let module = folder.modules.dropFirst().first {
      throw .unsupportedModel(
        reason: "\(ModelFiles.path("modules.json", in: folder.directory)) has a module "
          + "\"\(module.type)\"; Swiftlet runs cross-encoders of a Transformer alone")
    }
    settings = try SentenceSettings(directory: folder.transformer, for: .classification)
    prompts = configuration.prompts
  }
}
