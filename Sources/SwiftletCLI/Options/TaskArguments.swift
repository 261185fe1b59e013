import ArgumentParser
import Glibc

/// The texts of a task: the command line's, lines of standard input, or rows of files.
struct TaskInputArguments: ParsableArguments {
  @Argument(help: "Texts, each an argument of its own.")
  var texts: [String] = []

  @OptionGroup var files: FileArguments
  @OptionGroup var columns: ColumnArguments
  @OptionGroup var batch: BatchArguments

  func validate() throws {
    guard texts.isEmpty else {
      if !files.file.isEmpty { throw ValidationError("give texts or --file, not both") }
      return
    }
    if files.file.isEmpty, isatty(STDIN_FILENO) == 1 {
      throw ValidationError("no text; give one in quotes, or --file, or lines on standard input")
    }
    if files.file.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("standard input can be read only once")
    }
  }

  /// The inputs, each of which could be opened and has the columns that are needed; none if the texts
  /// are arguments.
  func openableInputs(pairColumn: String? = nil) throws -> [TextInput] {
    guard texts.isEmpty else { return [] }
    let paths = files.file.isEmpty ? ["-"] : files.file
    var inputs: [TextInput] = []
    for path in paths { inputs.append(try columns.input(at: path, pairColumn: pairColumn)) }
    for input in inputs { try input.check() }
    return inputs
  }

  func chunks(_ inputs: [TextInput]) throws -> any TextChunks {
    texts.isEmpty ? try RecordFeed(inputs, aheadRows: batch.limit.rows) : ArgumentChunks(texts)
  }

  func total(of inputs: [TextInput]) -> Progress.Total {
    guard texts.isEmpty else { return .texts(texts.count) }
    return TextInput.totalBytes(of: inputs).map(Progress.Total.bytes) ?? .unknown
  }
}

/// How much of the input is in memory.
struct BatchArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Rows to hold in memory at once. Default: \(ChunkLimit.defaultRows).", valueName: "rows")
  )
  var batchSize: Int?

  func validate() throws {
    if let batchSize, !(1...1_000_000).contains(batchSize) {
      throw ValidationError("--batch-size must be between 1 and 1000000, found \(batchSize)")
    }
  }

  var limit: ChunkLimit { ChunkLimit(rows: batchSize) }
}

/// `--format` of the tasks.
enum TaskFormat: String, CaseIterable, ExpressibleByArgument {
  case text, jsonl
}

/// In which form a task's answers are written, and where.
struct TaskOutputArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How to print answers. Without it: text on a terminal, elsewhere jsonl.", valueName: "format")
  )
  var format: TaskFormat?

  @Flag(name: .customLong("json"), help: "The same as --format jsonl.")
  var isJSON = false

  @OptionGroup var file: OutputFileArguments

  func validate() throws {
    if isJSON, format == .text {
      throw ValidationError("--json and --format text exclude each other")
    }
  }

  var terminal: Terminal {
    file.writesFile
      ? Terminal(isTerminal: false, width: 10_000, usesColor: false)
      : Terminal(descriptor: STDOUT_FILENO)
  }

  func chosenFormat(isTerminal: Bool) -> TaskFormat {
    if isJSON { return .jsonl }
    return format ?? (isTerminal ? .text : .jsonl)
  }
}

/// Refuses a number that makes no sense for an option.
func requireAtLeast(_ least: Int, _ value: Int, for option: String) throws(ValidationError) {
  guard value >= least else {
    throw ValidationError("\(option) must be at least \(least), found \(value)")
  }
}
