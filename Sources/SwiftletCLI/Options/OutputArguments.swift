import ArgumentParser
import Glibc
import SwiftletSystem

/// The format of answers, and where they are written.
struct OutputArguments<Format: OutputFormat>: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Format of the answers. Default: by the suffix of --output; on standard output text or a"
        + " table for a terminal, otherwise jsonl. A format that contradicts the suffix is an"
        + " error.",
      valueName: "format"
    )
  )
  var format: Format?

  @Flag(name: .customLong("json"), help: "Short for --format jsonl.")
  var isJSON = false

  @OptionGroup var kept: KeptColumnArguments
  @OptionGroup var file: OutputFileArguments
  @OptionGroup var run: RunArguments

  func validate() throws {
    if isJSON, let format, format != .jsonl {
      throw ValidationError("--json and --format \(format.rawValue) exclude each other")
    }
    let format = try chosenFormat(isTerminal: false)
    if let problem = kept.problem(texts: [], format: format) { throw ValidationError(problem) }
  }

  /// The terminal that answers are formatted for.
  var terminal: Terminal {
    file.path == nil
      ? Terminal(descriptor: STDOUT_FILENO)
      : Terminal(isTerminal: false, width: 10_000, usesColor: false)
  }

  func chosenFormat(isTerminal: Bool) throws(ValidationError) -> Format {
    try Format.chosen(for: file.path, asked: isJSON ? Format.jsonl : format, isTerminal: isTerminal)
  }
}

/// How many labels are written for each text.
struct LabelListArguments: ParsableArguments {
  @Option(help: ArgumentHelp("List this many labels for each text, best first.", valueName: "k"))
  var topK: Int?

  @Flag(help: "List all labels for each text, best first.")
  var allScores = false

  func validate() throws {
    try requireAtLeast(1, topK ?? 1, for: "--top-k")
    if topK != nil, allScores { throw ValidationError("give --top-k or --all-scores, not both") }
  }

  var listsScores: Bool { allScores || topK != nil }

  func labelsPerRow(labelCount: Int) -> Int {
    allScores ? max(labelCount, 1) : max(1, min(topK ?? 1, labelCount))
  }
}

/// Where answers are written.
struct OutputFileArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write answers to a file, which appears when it is complete; - is standard output. A name that"
        + " ends in .gz, .zst, .bz2 or .xz is compressed by the system's program.",
      valueName: "file")
  )
  var output: String?

  @Flag(name: .customLong("no-progress"), help: "Do not show progress on a terminal.")
  var hidesProgress = false

  func validate() throws {
    if output == "" { throw ValidationError("--output needs the name of a file") }
  }

  /// The file to write; nil for standard output.
  var path: String? { output == "-" ? nil : output }

  /// Opens the output, unless it is one of the files that the run reads.
  ///
  /// - Parameters:
  ///   - inputs: the inputs of texts
  ///   - model: the model's folder
  /// - Returns: the file, or standard output
  /// - Throws: `CommandFailure` before anything is opened for writing, if the output is a file that
  ///   is read, under any name or link
  func openSink(reading inputs: [TextInput], model: String) throws(CommandFailure) -> OutputSink {
    try refuseReadFiles(inputs, model: model)
    guard let path else { return OutputSink() }
    return try OutputSink(path: path)
  }

  func refuseReadFiles(
    _ inputs: [TextInput], model: String
  ) throws(CommandFailure) {
    let existing = path.map { FileIdentity(of: $0) } ?? FileIdentity(of: STDOUT_FILENO)
    guard let existing, existing.isRegularFile else { return }
    let name = path.map { "--output \($0)" } ?? "standard output"
    if let input = inputs.first(where: { $0.identity == existing }) {
      throw CommandFailure(
        "\(name) is the input \(input.name); name another file", .usage)
    }
    for file in Self.modelFiles where FileIdentity(of: "\(model)/\(file)") == existing {
      throw CommandFailure(
        "\(name) is the model's own file \(model)/\(file); name another file", .usage)
    }
  }

  /// Files of a model's folder whose suffix an output may have.
  private static let modelFiles = [
    "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "modules.json", "vocab.txt",
  ]
}

/// How a single report is printed.
struct ReportArguments: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Print one JSON object.")
  var isJSON = false

  @Flag(name: .customLong("no-progress"), help: "Do not show progress on a terminal.")
  var hidesProgress = false
}
