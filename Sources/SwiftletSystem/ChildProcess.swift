@preconcurrency import Glibc

/// What the standard input or output of a child process is connected to.
package enum ChildStream: Sendable {
  /// An open descriptor of this process. The child gets a duplicate; the caller closes its own.
  case descriptor(Int32)
  /// A new pipe, of which this process has the other end.
  case pipe
}

/// A program of the system that runs as a child of this process.
///
/// The child is in its own process group, so Ctrl-C reaches this process alone, which decides what
/// happens to the child. It is killed and reaped with this object, unless ``wait()`` has reaped it.
/// The caller must ignore or block SIGPIPE while it writes to ``input``.
///
/// Not `Sendable`: only one thread may use the object at a time.
package final class ChildProcess {
  /// The name by which the program was found.
  package let program: String
  /// The end of the pipe that the caller writes; nil without a pipe and after ``closeInput()``.
  package private(set) var input: Int32?
  /// The end of the pipe that the caller reads; nil without a pipe.
  package let output: Int32?

  /// The readable end of the pipe for standard error.
  private let errors: Int32
  private let identifier: pid_t
  private let warningStatus: Int32?
  private var isReaped = false

  /// Pipes lose their inheritance by exec only after they exist; two threads must not start children
  /// at the same time, or one child would keep the pipes of the other open.
  private static let lock = ConditionLock()
  /// The maximum length of an error message in bytes.
  private static let textLimit = 300

  /// Starts a program, searched in the folders of `PATH`, with the environment of this process.
  ///
  /// - Parameters:
  ///   - program: The name of the program, or a path.
  ///   - arguments: The arguments after the program's name.
  ///   - input: What the program reads as standard input.
  ///   - output: What the program writes as standard output.
  ///   - warningStatus: An exit status besides 0 after which all output is right.
  /// - Throws: If the program is not found, or the system refuses the process or a pipe.
  package init(
    _ program: String, _ arguments: [String], input: ChildStream, output: ChildStream,
    warningStatus: Int32? = nil
  ) throws(ChildProcessError) {
    let started = Self.lock.withLock { () -> Result<Started, ChildProcessError> in
      do throws(ChildProcessError) {
        return .success(try Started(program, arguments, input: input, output: output))
      } catch {
        return .failure(error)
      }
    }
    let child = try started.get()
    self.program = program
    self.input = child.input
    self.output = child.output
    errors = child.errors
    identifier = child.identifier
    self.warningStatus = warningStatus
  }

  deinit {
    if !isReaped {
      Glibc.kill(identifier, SIGKILL)
      _ = reap()
    }
    closeInput()
    if let output { close(output) }
    close(errors)
  }

  /// Closes the pipe to the child, which then reads the end of its input.
  package func closeInput() {
    if let input { close(input) }
    input = nil
  }

  /// Waits for the end of the child, after closing the pipe to it.
  ///
  /// Read ``output`` to its end first: a child whose output is not read may never end.
  ///
  /// - Throws: ``ChildProcessError/failed(program:end:text:)`` unless the exit status is 0, or that of a
  ///   warning.
  package func wait() throws(ChildProcessError) {
    closeInput()
    let end = reap()
    guard end == .status(0) || end == warningStatus.map(ChildEnd.status) else {
      throw .failed(program: program, end: end, text: errorText())
    }
  }

  private func reap() -> ChildEnd {
    isReaped = true
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 {
      // The system reaps children itself if the process ignores SIGCHLD.
      guard errno == EINTR else { return .unknown }
    }
    let signal = status & 0x7F
    return signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
  }

  /// Returns the first line that the child wrote to standard error; the rest is usually advice.
  private func errorText() -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = bytes.withUnsafeMutableBytes { read(errors, $0.baseAddress, $0.count) }
    let lines = bytes[..<max(0, count)].split(separator: UInt8(ascii: "\n"))
    return String(decoding: lines.first?.prefix(Self.textLimit) ?? [], as: UTF8.self)
  }
}

/// How a child process ended.
package enum ChildEnd: Equatable, Sendable {
  case status(Int32)
  case signal(Int32)
  /// The system did not report the end.
  case unknown
}

/// Why a program of the system did not do its work.
package enum ChildProcessError: Error, Equatable, Sendable, CustomStringConvertible {
  case notFound(program: String)
  /// The system refused the process or a pipe, with this error number.
  case refused(program: String, code: Int32)
  /// The program ended with another status than 0; `text` is its first line of standard error.
  case failed(program: String, end: ChildEnd, text: String)

  package var description: String {
    switch self {
    case .notFound(let program): "the program \(program) is not installed, or not in PATH"
    case .refused(let program, let code):
      "cannot start the program \(program): \(String(cString: strerror(code)))"
    case .failed(let program, let end, let text):
      "the program \(program) \(Self.phrase(end))" + (text.isEmpty ? "" : ": \(text)")
    }
  }

  private static func phrase(_ end: ChildEnd) -> String {
    switch end {
    case .status(let status): "failed with status \(status)"
    case .signal(let signal): "was stopped by signal \(signal)"
    case .unknown: "ended with an unknown status"
    }
  }
}
