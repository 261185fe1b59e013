import ArgumentParser

/// `swiftlet-benchmark make-model`
struct MakeModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-model",
    abstract: "Writes a DistilBERT-base checkpoint with random weights, 268 MB.",
    discussion: "The same seed makes the same bytes on every machine of one C library.")

  @Argument(help: "The folder to write to; it is made if it is not there.")
  var folder: String

  @Option(help: "What the random numbers start from.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "The vocabulary to go with it, of 30522 tokens. Default: that of the bundled model.",
      valueName: "file"))
  var vocabulary = Files.inRepository("weights/sentiment/vocab.txt")

  func run() throws {
    try RandomModel(shape: .distilBERTBase, seed: seed).write(to: folder, vocabulary: vocabulary)
  }
}

/// `swiftlet-benchmark make-int8-model`
struct MakeInt8ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-int8-model",
    abstract: "Writes a copy of a model with int8 weights, as `swiftlet quantize` does.")

  @Argument(help: "The model's folder.")
  var model: String

  @Argument(help: "The folder to write to; an older model in it is replaced.")
  var folder: String

  func run() throws {
    try ModelFolders.makeInt8(of: model, into: folder)
  }
}

/// `swiftlet-benchmark make-workload`
struct MakeWorkloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-workload",
    abstract: "Writes the token ids that are measured as JSON, for other engines to run too.")

  @Argument(help: "The file to write.")
  var file: String

  @Option(help: "What the random numbers start from.")
  var seed = Workload.defaultSeed

  func run() throws {
    try Files.write(Files.json(Workload(seed: seed), isPretty: false), to: file)
  }
}
