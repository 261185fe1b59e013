import ArgumentParser
import Swiftlet

/// `swiftlet quantize`: a model with int8 weights, for a quick start in little memory.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Write a copy of a model with int8 weights.",
    discussion: """
      The copy has a byte for each weight of its linear layers, and floats for the rest; it starts without any work, and answers \
      exactly as the original does with --precision int8.

        swiftlet quantize path/to/model --output model-int8
        swiftlet classify "I loved it." --model model-int8
        swiftlet evaluate dev.tsv --model path/to/model --compare

      The last one tells what int8 costs in accuracy.
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A folder with config.json, model.safetensors and a vocabulary. Default: the bundled"
        + " sentiment model.",
      valueName: "model"
    )
  )
  var path: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The folder to write, which appears when it is complete.", valueName: "folder")
  )
  var output: String

  @Flag(help: "Replace a quantised model that is there already.")
  var force = false

  @Option(help: ArgumentHelp("Threads to compute with. Default: all available.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads must be between 1 and 4096, found \(threads)")
    }
    if output.isEmpty { throw ValidationError("--output needs the name of a folder") }
  }

  func run() throws {
    let result = try ModelQuantizer.quantize(
      directory: try ModelArguments.directory(path), into: output, replacing: force,
      threads: threads, unless: { SignalWatch.pending != nil })
    guard let result else {
      throw CommandFailure("interrupted; nothing is written", SignalWatch.status)
    }
    let (before, after) = (result.originalBytes, result.quantizedBytes)
    let sink = OutputSink()
    try sink.write(
      "\(output)  \(NumberText.size(bytes: after)), from \(NumberText.size(bytes: before))\n")
    try sink.finish()
  }
}
