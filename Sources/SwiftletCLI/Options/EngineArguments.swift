import ArgumentParser
import Swiftlet

/// How many threads compute.
struct ThreadArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Number of threads. Default: all available.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads { try requireIn(1...4096, threads, for: "--threads") }
  }
}

/// How a model is run.
struct EngineArguments: ParsableArguments {
  @OptionGroup var threads: ThreadArguments

  @Option(
    help: ArgumentHelp(
      "What multiplies matrices: native kernels, CBLAS, or automatic: native on x86-64, elsewhere"
        + " CBLAS if a library is there.",
      valueName: "backend")
  )
  var gemm: GEMMBackend = .automatic

  @Option(
    help: ArgumentHelp(
      "Number type of the linear layers: float32, bfloat16 (almost twice as fast, needs"
        + " AVX512_BF16) or int8 (several times faster with VNNI). Default: int8 for models that"
        + " \"swiftlet quantize\" wrote, otherwise float32.",
      valueName: "precision")
  )
  var precision: Precision?

  @Flag(help: "Run a model of another task, which is otherwise an error.")
  var allowOtherTask = false

  /// The options of the engine; `precision` takes the place of --precision.
  func options(_ precision: Precision? = nil) -> ModelOptions {
    ModelOptions(
      gemm: gemm, precision: precision ?? self.precision, threads: threads.threads,
      allowsOtherTask: allowOtherTask)
  }
}

/// The model of a task without a bundled model.
struct TaskModelArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A folder with config.json, weights and a vocabulary, or a model of the Hugging Face Hub:"
        + " org/name.", valueName: "model")
  )
  var model: String

  @OptionGroup var engine: EngineArguments

  /// The model's folder, after a download if it is one of the Hub.
  func folder(hidesProgress: Bool) throws -> String {
    try ModelSource.folder(model, hidesProgress: hidesProgress)
  }
}
