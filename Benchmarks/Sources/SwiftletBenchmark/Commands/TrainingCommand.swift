import ArgumentParser

/// `swiftlet-benchmark training`: one process of a comparison of training steps.
struct TrainingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training",
    abstract: "Measures training steps, a line of JSON for each line of standard input.",
    discussion: """
      What the comparison with PyTorch runs (Benchmarks/peers/README.md has the protocol). A step is
      forward and backward pass, clipping, AdamW and the packing of the changed weights.
      """)

  @Option(help: ArgumentHelp("The model's folder.", valueName: "folder"))
  var model: String

  @Option(
    name: .customLong("case"), help: ArgumentHelp("A case of the lengths.", valueName: "name"))
  var caseName: String

  @Option(
    help: ArgumentHelp("The texts' lengths of each case's steps, JSON.", valueName: "file"))
  var lengths = Files.inRepository("Benchmarks/peers/training-lengths.json")

  @Option(help: ArgumentHelp("Threads. Default: all.", valueName: "count"))
  var threads: Int?

  @Option(help: "What the products of the layers compute with: float32 or bfloat16.")
  var precision = Precision.float32

  @Option(help: ArgumentHelp("Seconds of a measurement, at least one pass.", valueName: "seconds"))
  var seconds = 20.0

  @Option(help: ArgumentHelp("Steps of a pass, evenly spread over all.", valueName: "count"))
  var batches = 40

  func validate() throws {
    guard (1...4096).contains(threads ?? 1) else {
      throw ValidationError("--threads must be between 1 and 4096, found \(threads ?? 1)")
    }
    guard precision != .int8 else {
      throw ValidationError("--precision must be float32 or bfloat16 for training, found int8")
    }
    guard batches > 0 else { throw ValidationError("--batches must be above 0, found \(batches)") }
  }

  func run() throws {
    let cases = try Files.decode(TrainingLengths.self, from: lengths).cases
    guard let found = cases[caseName] else {
      let names = cases.keys.sorted().joined(separator: ", ")
      throw BenchmarkError.unsupported("\(lengths) has no case \(caseName); it has \(names)")
    }
    let options = TrainingWorker.Options(
      caseName: caseName, threads: threads ?? Machine.current.processorCount,
      precision: precision, seconds: seconds, batches: batches)
    try TrainingWorker(model: model, lengths: found.batches, options).takeTurns()
  }
}
