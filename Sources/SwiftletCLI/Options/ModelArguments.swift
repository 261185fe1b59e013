import ArgumentParser
import Swiftlet
import SwiftletWeights

/// Which model to run, and how.
struct ModelArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A folder with config.json, weights and a vocabulary, or a model of the Hugging Face Hub:"
        + " org/name. Default: the bundled sentiment model.",
      valueName: "model"
    )
  )
  var model: String?

  @OptionGroup var engine: EngineArguments

  var precision: Precision? { engine.precision }

  /// The model's name in output.
  var name: String { model ?? "sentiment" }

  /// The folder of `model`, which may be of the Hub, or that of the bundled model for nil.
  static func directory(_ model: String?, hidesProgress: Bool = false) throws -> String {
    guard let model else { return try BundledModel.sentimentDirectory() }
    return try ModelSource.folder(model, hidesProgress: hidesProgress)
  }

  /// Loads the model from its folder; `precision` takes the place of --precision.
  func loadClassifier(
    from folder: String, _ precision: Precision? = nil
  ) throws(SwiftletError) -> Classifier {
    try Classifier(directory: folder, options: engine.options(precision))
  }
}
