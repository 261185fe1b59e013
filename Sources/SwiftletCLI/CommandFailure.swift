/// Exit statuses, numbered as in sysexits(3) and the shell.
enum ExitStatus: Int32, Sendable {
  case success = 0
  /// The command line itself is wrong.
  case usage = 64
  /// An input or a model is invalid.
  case badData = 65
  /// An input or a model does not exist or cannot be opened.
  case missingInput = 66
  /// An error that neither the input nor a file caused.
  case internalError = 70
  /// An output file cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed.
  case inputOutput = 74
  /// SIGHUP, as the shell reports it.
  case hungUp = 129
  /// SIGINT, as the shell reports it.
  case interrupted = 130
  /// SIGPIPE, as the shell reports it.
  case closedPipe = 141
  /// SIGTERM, as the shell reports it.
  case terminated = 143
}

/// An error for the user: a message of one line, and the exit status.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
  let description: String
  let status: ExitStatus

  /// Control characters of `description`, which may quote files, become spaces.
  init(_ description: String, _ status: ExitStatus) {
    self.description = DisplayText.oneLine(description)
    self.status = status
  }
}

/// The reader of standard output has closed the pipe.
struct ClosedPipe: Error {}
