import ArgumentParser
import Swiftlet

/// How a model is run.
struct EngineArguments: ParsableArguments {
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

  @Flag(
    help: ArgumentHelp(
      "Run a model that is made for another task than the command's, which is an error otherwise.")
  )
  var allowOtherTask = false

  func validate() throws {
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads must be between 1 and 4096, found \(threads)")
    }
  }

  /// With the precision that was asked for, unless another is given here.
  func options(_ precision: Precision? = nil) -> ModelOptions {
    ModelOptions(
      gemm: gemm, precision: precision ?? self.precision, threads: threads,
      allowsOtherTask: allowOtherTask)
  }
}

/// The model of a task for which none is bundled.
struct TaskModelArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A folder with config.json, model.safetensors and a vocabulary.", valueName: "folder")
  )
  var model: String

  @OptionGroup var engine: EngineArguments
}
