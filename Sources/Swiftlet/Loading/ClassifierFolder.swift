/// A classifier's folder, with the settings of sentence-transformers if it is a cross-encoder.
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
          + "\"\(module.type)\"; Swiftlet supports cross-encoders with only a Transformer")
    }
    settings = try SentenceSettings(directory: folder.transformer, for: .classification)
    prompts = configuration.prompts
  }
}
