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

  @Option(help: ArgumentHelp("Threads to compute with. Default: all available.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Who multiplies matrices: Swiftlet's own kernels, a BLAS library, or the better of both.",
      valueName: "backend")
  )
  var gemm: GEMMBackend = .automatic

  @Option(
    help: ArgumentHelp(
      "In what the linear layers compute: int8 is several times faster with VNNI. Default: int8 for"
        + " models that \"swiftlet quantize\" made, else float32.",
      valueName: "precision")
  )
  var precision: Precision?

  func validate() throws {
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads must be between 1 and 4096, found \(threads)")
    }
  }

  /// The model's name in output.
  var name: String { model ?? "sentiment" }

  /// The folder that was named, or that of the bundled model.
  static func directory(_ model: String?) throws -> String {
    try model ?? BundledModel.sentimentDirectory()
  }

  /// In the precision that was asked for, unless another is given here.
  func loadClassifier(_ precision: Precision? = nil) throws(SwiftletError) -> Classifier {
    let options = ModelOptions(
      gemm: gemm, precision: precision ?? self.precision, threads: threads)
    guard let model else { return try Classifier.sentiment(options: options) }
    return try Classifier(directory: model, options: options)
  }
}
