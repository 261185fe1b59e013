import ArgumentParser
import Swiftlet
import SwiftletSystem

/// `swiftlet export`: writes a model as an ONNX graph, which other programs run.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Export a model to ONNX.",
    discussion: """
      Writes a folder with onnx/model.onnx, config.json and the tokenizer's files, which ONNX \
      Runtime, OpenVINO, optimum, sentence-transformers, transformers.js, text-embeddings-inference \
      and fastembed read. The answers are those of the model. Graphs of sentence-transformers models \
      have their pooling and normalization.

        swiftlet export path/to/model --output model-onnx
        swiftlet export path/to/model --output model-int8 --quantize dynamic
        swiftlet export path/to/model --output model-linked --link

      --quantize also writes onnx/model_quantized.onnx, with int8 weights. dynamic is the form that \
      ONNX Runtime's quantize_dynamic writes; exact computes the integers of --precision int8, to \
      verify answers.

      --link writes a model.onnx of some 100 kB that links to the weights in model.safetensors \
      instead of having its own. Without --output it goes into the model's own folder.
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
  var output: String?

  @Option(help: "Version of ONNX's operators; a newer one needs a newer ONNX Runtime.")
  var opset = ExportOptions.OperatorSet.v14

  @Option(
    help: ArgumentHelp(
      "Task of the graph. Default: the model's main task.", valueName: "task")
  )
  var task: ExportOptions.Task?

  @Option(
    name: .customLong("quantize"),
    help: ArgumentHelp("Also write a graph with int8 weights in this form.", valueName: "form"))
  var quantization: ExportOptions.Quantization?

  @Flag(help: "Link to the weights in model.safetensors; --output gets a copy of them.")
  var link = false

  @Flag(help: "Replace an exported model, but no other folder.")
  var force = false

  func validate() throws {
    if let output, output.isEmpty { throw ValidationError("--output needs the name of a folder") }
    if output == nil, !link {
      throw ValidationError("give the folder to write as --output, or --link")
    }
    if link, quantization != nil {
      throw ValidationError(
        "--link links to float weights, which --quantize would change; give one of them")
    }
  }

  func run() throws {
    let directory = try ModelArguments.directory(path)
    let options = ExportOptions(
      operatorSet: opset, quantization: quantization, task: task, linksWeights: link)
    let result: ExportResult
    if let output {
      let exported = try ModelExporter.export(
        directory: directory, into: output, options: options, replacing: force,
        unless: { SignalWatch.pending != nil })
      guard let exported else {
        throw CommandFailure("interrupted; nothing was written", SignalWatch.status)
      }
      result = exported
    } else {
      result = try ModelExporter.link(directory: directory, options: options, replacing: force)
    }
    try report(result, in: output ?? directory)
  }

  private func report(_ result: ExportResult, in folder: String) throws {
    let sink = OutputSink()
    for file in result.files {
      try sink.write("\(folder)/\(file.name)  \(summary(of: file, result.task))\n")
    }
    try sink.finish()
  }

  /// `90.9 MB, text-classification, opset 14`
  private func summary(of file: ExportResult.File, _ task: ExportOptions.Task) -> String {
    "\(NumberText.size(bytes: file.bytes)), \(task.rawValue), opset \(opset.rawValue)"
  }
}
