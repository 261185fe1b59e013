import ArgumentParser
import Glibc
import SwiftletRecords

/// The texts of a task: the command line's, lines of standard input, or rows of files.
struct TaskInputArguments: ParsableArguments {
  @Argument(
    help: "Texts, one for each argument; put a text that begins with a dash after --.")
  var texts: [String] = []

  @OptionGroup var files: FileArguments
  @OptionGroup var columns: ColumnArguments

  @Option(
    help: ArgumentHelp(
      "Column (or JSON key) of row ids, which are copied to the output.", valueName: "column")
  )
  var idColumn: String?

  @OptionGroup var batch: BatchArguments

  func validate() throws {
    guard texts.isEmpty else {
      if !files.file.isEmpty {
        let text = DisplayText.shorten(texts[0], to: 40)
        throw ValidationError("give texts or --file, not both; a text is \"\(text)\"")
      }
      return
    }
    if files.file.contains("") { throw ValidationError("--file needs the name of a file") }
    if files.file.isEmpty, isatty(STDIN_FILENO) == 1 {
      throw ValidationError("no text; give one in quotes, or --file, or lines on standard input")
    }
    if files.file.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("standard input can be read only once")
    }
  }

  /// Returns the inputs after checking that each can be opened and has its columns; none if the
  /// texts are arguments.
  func openableInputs(
    pairColumn: String? = nil, keeping kept: KeptColumns = .none
  ) throws -> [TextInput] {
    guard texts.isEmpty else {
      hintAtFiles()
      return []
    }
    let paths = files.file.isEmpty ? ["-"] : files.file
    var inputs: [TextInput] = []
    for path in paths {
      inputs.append(
        try columns.input(at: path, idColumn: idColumn, pairColumn: pairColumn, keeping: kept))
    }
    for input in inputs { try input.check() }
    return inputs
  }

  /// A file name without --file is read as a text, which is rarely meant.
  private func hintAtFiles() {
    for text in texts where RecordFormat(path: text) != nil && access(text, R_OK) == 0 {
      printMessage(
        "swiftlet: note: \(DisplayText.oneLine(text)) is read as a text; to read the rows of the file,"
          + " write --file \(DisplayText.oneLine(text))")
    }
  }

  /// The texts of the inputs; a row that can't be read is a text with a problem if `keepsBadRows`,
  /// otherwise an error.
  func chunks(_ inputs: [TextInput], keepsBadRows: Bool = false) throws -> any TextChunks {
    guard texts.isEmpty else { return ArgumentChunks(texts) }
    return try RecordFeed(inputs, aheadRows: batch.limit.rows, keepsBadRows: keepsBadRows)
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
    if let batchSize { try requireIn(1...1_000_000, batchSize, for: "--batch-size") }
  }

  var limit: ChunkLimit { ChunkLimit(rows: batchSize) }
}

/// Refuses an empty text, such as the value of an unset shell variable.
func requireText(_ text: String?, for option: String) throws(ValidationError) {
  guard let text, SourcedText.isEmpty(text) else { return }
  throw ValidationError("\(option) is empty")
}

/// Refuses a number that is too small for an option.
func requireAtLeast(_ least: Int, _ value: Int, for option: String) throws(ValidationError) {
  guard value >= least else {
    throw ValidationError("\(option) must be at least \(least), found \(value)")
  }
}

/// Refuses a number out of range for an option.
func requireIn(
  _ range: ClosedRange<Int>, _ value: Int, for option: String
) throws(ValidationError) {
  guard range.contains(value) else {
    throw ValidationError(
      "\(option) must be between \(range.lowerBound) and \(range.upperBound), found \(value)")
  }
}
