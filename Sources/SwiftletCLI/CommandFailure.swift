/// What a command ends with; the numbers are those of sysexits(3) and of the shell.
enum ExitStatus: Int32, Sendable {
  case success = 0
  /// The command line itself is wrong.
  case usage = 64
  /// An input, or a model, is not what it should be.
  case badData = 65
  /// An input, or a model, does not exist or may not be opened.
  case missingInput = 66
  /// Neither the input's fault nor the system's.
  case internalError = 70
  /// An output file cannot be made.
  case cannotCreate = 73
  /// Reading or writing failed half way.
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

/// An end that the user should read about: one line, and the status to exit with.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
  let description: String
  let status: ExitStatus

  /// The description may have what stands in files: control characters become spaces.
  init(_ description: String, _ status: ExitStatus) {
    self.description = DisplayText.oneLine(description)
    self.status = status
  }
}

/// The reader of standard output went away; there is nobody left to tell.
struct ClosedPipe: Error {}
