import ArgumentParser
import Glibc
import SwiftletJSON
import SwiftletSystem

/// The summary of a run.
struct SummaryArguments: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Print a summary to standard error: rows, labels, scores. Default: after --file on a terminal,"
        + " unless --no-progress."))
  var summary: Bool?

  @Option(help: ArgumentHelp("Write the summary to a file, as a JSON object.", valueName: "file"))
  var summaryFile: String?

  @Option(
    help: ArgumentHelp(
      "Column (or JSON key) whose values are counted separately in the summary.",
      valueName: "column"))
  var groupBy: String?

  func validate() throws {
    if summaryFile == "" { throw ValidationError("--summary-file needs the name of a file") }
    if groupBy == "" { throw ValidationError("--group-by needs the name of a column") }
    if groupBy != nil, summary == false, summaryFile == nil {
      throw ValidationError("--group-by is for the summary, which --no-summary leaves out")
    }
  }

  /// Whether a summary is printed.
  func isPrinted(readsFiles: Bool, hidesProgress: Bool) -> Bool {
    summary ?? (groupBy != nil || readsFiles && !hidesProgress && isatty(STDERR_FILENO) == 1)
  }

  /// - Throws: `CommandFailure` if `--summary-file` is a file of the run or can't be written.
  func checkFile(_ inputs: [TextInput], output: String?) throws(CommandFailure) {
    guard let summaryFile else { return }
    if summaryFile == output {
      throw CommandFailure("--summary-file \(summaryFile) is the output; name another file", .usage)
    }
    guard let identity = FileIdentity(of: summaryFile), identity.isRegularFile else { return }
    if let input = inputs.first(where: { $0.identity == identity }) {
      throw CommandFailure(
        "--summary-file \(summaryFile) is the input \(input.name); name another file", .usage)
    }
  }

  /// Prints the summary and writes its file, as asked.
  func write(_ summary: RunSummary?, isPrinted: Bool) throws {
    guard let summary else { return }
    if isPrinted {
      let text = summary.text(on: Terminal(descriptor: STDERR_FILENO))
      printMessage(String(text.dropLast()))
    }
    guard let summaryFile else { return }
    let sink = try OutputSink(path: summaryFile)
    try sink.write(summary.json.document)
    try sink.finish()
  }
}
