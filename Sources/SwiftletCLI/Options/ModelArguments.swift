import ArgumentParser
import Swiftlet
import SwiftletWeights

/// Which model to run, and how.
struct ModelArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A folder with config.json, model.safetensors and a vocabulary. Default: the bundled"
        + " sentiment model.",
      valueName: "folder"
    )
  )
  var model: String?

  @OptionGroup var engine: EngineArguments

  var precision: Precision? { engine.precision }

  /// The model's name in output.
  var name: String { model ?? "sentiment" }

  /// The folder `model`, or that of the bundled model for nil.
  static func directory(_ model: String?) throws -> String {
    try model ?? BundledModel.sentimentDirectory()
  }

  /// Loads the model; `precision` takes the place of --precision.
  func loadClassifier(_ precision: Precision? = nil) throws(SwiftletError) -> Classifier {
    let options = engine.options(precision)
    guard let model else { return try Classifier.sentiment(options: options) }
    return try Classifier(directory: model, options: options)
  }
}
