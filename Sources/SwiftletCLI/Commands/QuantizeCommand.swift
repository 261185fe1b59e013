import ArgumentParser
import Swiftlet

/// `swiftlet quantize`: a model with int8 weights, for a quick start in little memory.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Write a copy of a model with int8 weights.",
    discussion: """
      The copy starts without any work, and answers exactly as the original does with \
      --precision int8. Its linear layers take a byte a weight: a quarter of what they take in a \
      float32 model, half in a float16 one. All else, above all the embeddings, is float32 in the \
      copy, so that a float16 model with a large vocabulary grows: the bundled one from 45.4 to \
      59.2 MB. A model of base size in float32 shrinks from 268 to 141 MB.

        swiftlet quantize path/to/model --output model-int8
        swiftlet classify "I loved it." --model model-int8
        swiftlet evaluate dev.tsv --model path/to/model --compare

      The last one tells what int8 costs in accuracy.

      The output is a new folder, an empty one, or, with --force, an older int8 model.
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

  @Flag(help: "Replace an int8 model that is there already, and no other folder.")
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
    let sink = OutputSink()
    try sink.write("\(output)  \(Self.summary(of: result))\n")
    try sink.finish()
    guard result.quantizedBytes > result.originalBytes else { return }
    printMessage(
      "swiftlet: note: the copy is larger than the model, whose embeddings take more room as the"
        + " float32 of the copy than its linear layers save as int8")
  }

  /// `59.2 MB, from 45.4 MB: 10.6 MB of int8 weights, 48.6 MB of float32`.
  static func summary(of result: ModelQuantizer.Result) -> String {
    let size = NumberText.size(bytes:)
    return "\(size(result.quantizedBytes)), from \(size(result.originalBytes)):"
      + " \(size(result.int8Bytes)) of int8 weights,"
      + " \(size(result.quantizedBytes - result.int8Bytes)) of float32"
  }
}
