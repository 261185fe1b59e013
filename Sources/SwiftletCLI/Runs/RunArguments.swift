import ArgumentParser
import Glibc
import SwiftletSystem

/// What happens to rows with errors, and whether an interrupted run is continued.
struct RunArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What happens to a row that cannot be read or that the model refuses: stop the run, skip the"
        + " row, or write it with null answers.", valueName: "policy")
  )
  var onError: ErrorPolicy = .stop

  @Option(
    help: ArgumentHelp(
      "Write the number, place and problem of each row that --on-error passes over to a file: one"
        + " JSON object on each line.", valueName: "file")
  )
  var errorFile: String?

  @Flag(
    help: "Continue the interrupted run whose rows are in the .partial file beside --output.")
  var resume = false

  func validate() throws {
    guard let errorFile else { return }
    if errorFile.isEmpty { throw ValidationError("--error-file needs the name of a file") }
    if onError == .stop {
      throw ValidationError("--error-file needs --on-error skip or --on-error null")
    }
  }

  /// - Throws: `CommandFailure` if `--error-file` is a file of the run.
  func refuseErrorFile(_ inputs: [TextInput], output: String?) throws(CommandFailure) {
    guard let errorFile else { return }
    if errorFile == output {
      throw CommandFailure("--error-file \(errorFile) is the output; name another file", .usage)
    }
    guard let identity = FileIdentity(of: errorFile), identity.isRegularFile else { return }
    if let input = inputs.first(where: { $0.identity == identity }) {
      throw CommandFailure(
        "--error-file \(errorFile) is the input \(input.name); name another file", .usage)
    }
    if let output, FileIdentity(of: output) == identity {
      throw CommandFailure("--error-file \(errorFile) is the output; name another file", .usage)
    }
  }

  /// Opens the error file after what an interrupted run has written to it.
  func problems(keeping kept: Int) throws(CommandFailure) -> RowProblems {
    let list = try errorFile.map { (path) throws(CommandFailure) in
      try ProblemList(path: path, keeping: kept)
    }
    return RowProblems(policy: onError, list: list)
  }

  // MARK: Resuming

  /// Opens the files that keep the rows of a run until its output is complete; nil for an output that
  /// can't be continued.
  ///
  /// - Parameters:
  ///   - path: the output; nil for standard output
  ///   - texts: the texts of the command line
  ///   - isText: whether the output is a text for people
  ///   - identity: that of the run
  /// - Returns: the files, which may hold the rows of an interrupted run
  /// - Throws: `CommandFailure` for `--resume` with such an output, and the errors of ``PartialOutput``
  func partial(
    of path: String?, texts: [String], isText: Bool, identity: () throws -> RunIdentity
  ) throws -> PartialOutput? {
    if let obstacle = obstacle(path: path, texts: texts, isText: isText) {
      guard !resume else { throw CommandFailure("--resume \(obstacle)", .usage) }
      return nil
    }
    guard let path else { return nil }
    let partial = try PartialOutput(of: path, try identity(), resumes: resume)
    if resume, partial.resumedRecords == 0 {
      printMessage(
        "swiftlet: note: there is no interrupted run of \(DisplayText.oneLine(path)); the first row is"
          + " the start")
    }
    return partial
  }

  /// Why the rows of an output can't be continued, after the option's name; nil if they can.
  private func obstacle(path: String?, texts: [String], isText: Bool) -> String? {
    guard let path else { return "needs --output with the file of the interrupted run" }
    guard texts.isEmpty else { return "needs --file or standard input; texts are computed at once" }
    if Compression(path: path) != nil {
      return
        "does not continue a compressed file; write \(Compression.stem(of: path)) and compress it"
        + " afterwards"
    }
    guard !isText else { return "does not continue a text; write .jsonl, .csv or .tsv" }
    if FileStatus.exists(path), FileIdentity(of: path)?.isRegularFile != true {
      return "needs a regular file, which \(path) is not"
    }
    return nil
  }
}
