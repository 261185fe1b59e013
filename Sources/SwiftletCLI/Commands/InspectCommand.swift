import ArgumentParser
import Glibc
import SwiftletCheckpoint
import SwiftletJSON
import SwiftletONNX
import SwiftletSafetensors

/// `swiftlet inspect`: the parts of a model.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model's task, configuration, labels, tokenizer and tensors.",
    discussion: """
      Reads only the headers of weights, so that it is fast for a model of any size. Lists the \
      formats of weights in a folder, and which of them is used: safetensors, or else files of \
      PyTorch, or else ONNX.

        swiftlet inspect
        swiftlet inspect ./my-model
        swiftlet inspect ./my-model/model.safetensors --json
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A model's folder, or one file of weights: .safetensors, PyTorch's .bin or .onnx. Default: the"
        + " bundled sentiment model.",
      valueName: "model")
  )
  var path: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The model, as in other commands.", valueName: "model"))
  var model: String?

  @Flag(name: .customLong("json"), help: "Print one JSON object.")
  var isJSON = false

  func validate() throws {
    if path != nil, model != nil {
      throw ValidationError("name the model once, as an argument or with --model")
    }
  }

  func run() throws {
    let path = try ModelArguments.directory(path ?? model)
    let description = try Self.describe(path)
    let sink = OutputSink()
    if isJSON {
      try sink.write(description.json.line)
    } else {
      try sink.write(description.text(on: Terminal(descriptor: STDOUT_FILENO)))
    }
    try sink.finish()
    for warning in description.warnings { printMessage("swiftlet: warning: \(warning)") }
  }

  /// Describes a folder or a file of weights, which may have any name. Loading explains what
  /// another path is.
  private static func describe(_ path: String) throws -> ModelDescription {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      return try ModelDescription(directory: path)
    }
    do {
      return try ModelDescription(file: path)
    } catch {
      let isKnown = [".safetensors", ".bin", ".pt", ".pth", ".onnx"].contains { path.hasSuffix($0) }
      // Text that was saved in place of a file is explained by its kind.
      if isKnown,
        error is PyTorchError || error is ONNXImportError || path.hasSuffix(".safetensors")
      {
        throw error
      }
      return try ModelDescription(directory: path)
    }
  }
}
