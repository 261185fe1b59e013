import ArgumentParser
import Swiftlet

/// `swiftlet convert`: writes a model with safetensors, from any format that Swiftlet reads.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a model with safetensors.",
    discussion: """
      Reads what other commands read, such as pytorch_model.bin, and writes the folder that \
      save_pretrained of transformers writes: config.json, model.safetensors, and the files of the \
      tokenizer and of sentence-transformers. The numbers keep their bits, unless --dtype asks for \
      another type. No code of a file is run.

        swiftlet convert path/to/model --output converted
        swiftlet convert path/to/model --output half --dtype float16
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A folder with config.json, weights and a vocabulary.", valueName: "model"))
  var path: String

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Folder to write, new or empty, which appears when it is complete.", valueName: "folder"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "The type of the numbers: float32, float16 or bfloat16. Default: as in the model.",
      valueName: "type"))
  var dtype: ModelConverter.FloatType?

  func validate() throws {
    if output.isEmpty { throw ValidationError("--output needs the name of a folder") }
  }

  func run() throws {
    let result = try ModelConverter.convert(
      directory: try ModelSource.folder(path), into: output, floats: dtype,
      unless: { SignalWatch.pending != nil })
    guard let result else {
      throw CommandFailure("interrupted; nothing was written", SignalWatch.status)
    }
    let sink = OutputSink()
    try sink.write("\(output)  \(Self.summary(of: result))\n")
    try sink.finish()
  }

  /// `59.2 MB, from 45.4 MB in pytorch_model.bin`, or `… in 3 files`.
  static func summary(of result: ModelConverter.Result) -> String {
    let size = NumberText.size(bytes:)
    let names = result.originalFiles.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    return "\(size(result.convertedBytes)), from \(size(result.originalBytes)) in "
      + (names.count == 1 ? names[0] : "\(names.count) files")
  }
}
