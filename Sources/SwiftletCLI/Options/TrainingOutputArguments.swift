import ArgumentParser
import SwiftletSystem

/// What a training writes and prints.
struct TrainingOutputArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Folder to write, which is new or empty. It holds the model when the training is complete,"
        + " and a checkpoint before.", valueName: "folder")
  )
  var output: String?

  @Flag(
    help:
      "Fit the temperature of the scores, or a threshold for each label, on the validation rows.")
  var calibrate = false

  @Flag(help: "Write the adapter of --method lora too, as peft does, into the folder adapter.")
  var adapter = false

  @Flag(help: "Replace the model of another training, but no other folder.")
  var force = false

  @Flag(help: "Continue from the checkpoint in --output.")
  var resume = false

  @Flag(help: "Keep the checkpoint after the training.")
  var keepCheckpoint = false

  @Flag(help: "Print the plan, and neither train nor write.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Write events to a file: one JSON object on each line. --resume appends.",
      valueName: "file")
  )
  var log: String?

  @Flag(
    name: .customLong("json"),
    help: "Print events as JSON Lines, which is the default unless standard output is a terminal.")
  var isJSON = false

  @Flag(name: .customLong("no-progress"), help: "Do not show progress on a terminal.")
  var hidesProgress = false

  func validate() throws {
    for (name, value) in [("--output", output), ("--log", log)] where value == "" {
      throw ValidationError("\(name) is empty")
    }
    if resume, force {
      throw ValidationError(
        "--resume continues the training in --output and --force replaces it; give one of them")
    }
    guard dryRun else { return }
    if log != nil { throw ValidationError("--log is not used by --dry-run, which writes nothing") }
    if force, output == nil {
      throw ValidationError(
        "--force is used by --dry-run with --output only, which is then checked")
    }
    if keepCheckpoint { throw ValidationError("--keep-checkpoint is not used by --dry-run") }
  }

  /// Opens the log, unless it is one of the files that the training reads.
  ///
  /// - Throws: `CommandFailure` before anything is opened for writing.
  func openLog(reading paths: [String]) throws(CommandFailure) -> EventStream? {
    guard let log else { return nil }
    if let identity = FileIdentity(of: log) {
      for path in paths where FileIdentity(of: path) == identity {
        throw CommandFailure("--log \(log) is the input \(path); name another file", .usage)
      }
    }
    return try EventStream(path: log, appends: resume)
  }
}
