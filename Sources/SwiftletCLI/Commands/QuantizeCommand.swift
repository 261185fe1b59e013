import ArgumentParser
import Swiftlet

/// `swiftlet quantize`: writes a copy of a model with int8 weights, which starts fast in little
/// memory.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Quantize a model to int8.",
    discussion: """
      The copy needs no quantization at the start, and gives the same answers as the original with \
      --precision int8. Its linear layers and word embeddings take one byte for each weight: a \
      quarter of float32, half of float16. A float32 model of base size shrinks from 268 to 71 MB, \
      the bundled float16 model from 45.4 to 23.4 MB.

        swiftlet quantize path/to/model --output model-int8
        swiftlet classify "I loved it." --model model-int8
        swiftlet evaluate dev.tsv --model path/to/model --compare

      The last example shows what int8 costs in accuracy.

      The output is a new or empty folder, or, with --force, an existing int8 model.
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A folder with config.json, weights and a vocabulary. Default: the bundled"
        + " sentiment model.",
      valueName: "model"
    )
  )
  var path: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Folder to write, which appears when it is complete.", valueName: "folder")
  )
  var output: String

  @Flag(help: "Replace an existing int8 model, but no other folder.")
  var force = false

  @OptionGroup var threads: ThreadArguments

  func validate() throws {
    if output.isEmpty { throw ValidationError("--output needs the name of a folder") }
  }

  func run() throws {
    let result = try ModelQuantizer.quantize(
      directory: try ModelArguments.directory(path), into: output, replacing: force,
      threads: threads.threads, unless: { SignalWatch.pending != nil })
    guard let result else {
      throw CommandFailure("interrupted; nothing was written", SignalWatch.status)
    }
    let sink = OutputSink()
    try sink.write("\(output)  \(Self.summary(of: result))\n")
    try sink.finish()
  }

  /// `23.4 MB, from 45.4 MB: 22.3 MB of int8 weights, 1.1 MB of others`.
  static func summary(of result: ModelQuantizer.Result) -> String {
    let size = NumberText.size(bytes:)
    return "\(size(result.quantizedBytes)), from \(size(result.originalBytes)):"
      + " \(size(result.int8Bytes)) of int8 weights,"
      + " \(size(result.quantizedBytes - result.int8Bytes)) of others"
  }
}
