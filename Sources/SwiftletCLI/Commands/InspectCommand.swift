import ArgumentParser
import Glibc
import SwiftletJSON
import SwiftletSafetensors

/// `swiftlet inspect`: what a model consists of.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a model is for, its configuration, labels, tokenizer and tensors.",
    discussion: """
      Reads no weights but their headers, so that it is quick for any size of model.

        swiftlet inspect
        swiftlet inspect ./my-model
        swiftlet inspect ./my-model/model.safetensors --json
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A model's folder, or one .safetensors file. Default: the bundled sentiment model.",
      valueName: "model")
  )
  var path: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The model, under the option that other commands have.", valueName: "model"))
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

  /// A file of weights may have any name; what else a path may be, loading a model says.
  private static func describe(_ path: String) throws -> ModelDescription {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      return try ModelDescription(directory: path)
    }
    do {
      return try ModelDescription(file: path)
    } catch {
      guard path.hasSuffix(".safetensors") else { return try ModelDescription(directory: path) }
      throw error
    }
  }
}
