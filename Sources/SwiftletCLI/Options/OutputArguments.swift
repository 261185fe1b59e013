import ArgumentParser

/// `--format`.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case table, jsonl, csv
}

/// In which form answers are written, and where.
struct OutputArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How to print answers. Without it: a table on a terminal, elsewhere what the name of --output"
        + " ends in, or jsonl.",
      valueName: "format"
    )
  )
  var format: OutputFormat?

  @Flag(name: .customLong("json"), help: "The same as --format jsonl.")
  var isJSON = false

  @Option(help: ArgumentHelp("List this many labels for each text, best first.", valueName: "k"))
  var topK: Int?

  @Flag(help: "List all labels for each text, best first.")
  var allScores = false

  @OptionGroup var file: OutputFileArguments

  func validate() throws {
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1, found \(topK)") }
    if topK != nil, allScores { throw ValidationError("give --top-k or --all-scores, not both") }
    if isJSON, let format, format != .jsonl {
      throw ValidationError("--json and --format \(format.rawValue) exclude each other")
    }
  }

  var listsScores: Bool { allScores || topK != nil }

  func labelsPerRow(labelCount: Int) -> Int {
    allScores ? max(labelCount, 1) : max(1, min(topK ?? 1, labelCount))
  }

  func chosenFormat(isTerminal: Bool) -> OutputFormat {
    if isJSON { return .jsonl }
    if let format { return format }
    guard let output = file.output else { return isTerminal ? .table : .jsonl }
    return output.lowercased().hasSuffix(".csv") ? .csv : .jsonl
  }
}

/// Where answers are written, of whatever form.
struct OutputFileArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write answers to a file, which appears when it is complete.", valueName: "file")
  )
  var output: String?

  @Flag(name: .customLong("no-progress"), help: "Show no progress on a terminal.")
  var hidesProgress = false

  func validate() throws {
    if output == "" { throw ValidationError("--output needs the name of a file") }
  }

  /// Whether they go to a file, and not to standard output.
  var writesFile: Bool { output.map { $0 != "-" } ?? false }

  func openSink() throws(CommandFailure) -> OutputSink {
    guard let output, writesFile else { return OutputSink() }
    return try OutputSink(path: output)
  }
}

/// How a single report is printed.
struct ReportArguments: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Print one JSON object.")
  var isJSON = false

  @Flag(name: .customLong("no-progress"), help: "Show no progress on a terminal.")
  var hidesProgress = false
}
