@preconcurrency import Glibc

extension ChildProcess {
  /// A child process and this process's ends of its pipes.
  struct Started {
    let identifier: pid_t
    let input: Int32?
    let output: Int32?
    let errors: Int32

    init(
      _ program: String, _ arguments: [String], input: ChildStream, output: ChildStream
    ) throws(ChildProcessError) {
      var ends = ChildEnds(program)
      do throws(ChildProcessError) {
        let (childInput, input) = try ends.connect(input, isInput: true)
        let (childOutput, output) = try ends.connect(output, isInput: false)
        let (childErrors, errors) = try ends.pipe(isInput: false)
        // A full pipe must not block the child, and an open one must not block this process.
        for end in [childErrors, errors] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        identifier = try Self.spawn(program, arguments, [childInput, childOutput, childErrors])
        (self.input, self.output, self.errors) = (input, output, errors)
      } catch {
        ends.close(ends.own)
        ends.close(ends.child)
        throw error
      }
      ends.close(ends.child)
    }

    /// Starts the program with `streams` as its standard input, output and error.
    private static func spawn(
      _ program: String, _ arguments: [String], _ streams: [Int32]
    ) throws(ChildProcessError) -> pid_t {
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
      posix_spawn_file_actions_init(&actions)
      posix_spawnattr_init(&attributes)
      defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
      }
      for (number, stream) in streams.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
      }
      setSignals(&attributes)
      var words = ([program] + arguments).map { strdup($0) } + [nil]
      defer { for word in words { free(word) } }
      var identifier: pid_t = 0
      let code = posix_spawnp(&identifier, program, &actions, &attributes, &words, environ)
      guard code == 0 else {
        throw code == ENOENT ? .notFound(program: program) : .refused(program: program, code: code)
      }
      return identifier
    }

    /// Gives the child its own process group and the default signals: what this process ignores or
    /// blocks would be inherited.
    private static func setSignals(_ attributes: inout posix_spawnattr_t) {
      let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
      posix_spawnattr_setflags(&attributes, Int16(flags))
      posix_spawnattr_setpgroup(&attributes, 0)
      var signals = sigset_t()
      sigemptyset(&signals)
      posix_spawnattr_setsigmask(&attributes, &signals)
      for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGXFSZ] { sigaddset(&signals, signal) }
      posix_spawnattr_setsigdefault(&attributes, &signals)
    }
  }
}

/// The descriptors of a child's streams; all are above 2, so that none is overwritten while the
/// child's streams are set, and none is inherited.
private struct ChildEnds {
  let program: String
  private(set) var child: [Int32] = []
  private(set) var own: [Int32] = []

  init(_ program: String) { self.program = program }

  /// Returns the child's end of a stream and, of a pipe, this process's end.
  mutating func connect(
    _ stream: ChildStream, isInput: Bool
  ) throws(ChildProcessError) -> (child: Int32, own: Int32?) {
    switch stream {
    case .descriptor(let descriptor):
      let end = try raised(descriptor)
      child.append(end)
      return (end, nil)
    case .pipe: return try pipe(isInput: isInput)
    }
  }

  /// Returns the child's and this process's end of a new pipe.
  mutating func pipe(isInput: Bool) throws(ChildProcessError) -> (child: Int32, own: Int32) {
    var pair: [Int32] = [0, 0]
    guard Glibc.pipe(&pair) == 0 else { throw .refused(program: program, code: errno) }
    defer { close(pair) }
    let childEnd = try raised(pair[isInput ? 0 : 1])
    child.append(childEnd)
    let ownEnd = try raised(pair[isInput ? 1 : 0])
    own.append(ownEnd)
    return (childEnd, ownEnd)
  }

  private func raised(_ descriptor: Int32) throws(ChildProcessError) -> Int32 {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw .refused(program: program, code: errno) }
    return copy
  }

  func close(_ descriptors: [Int32]) {
    for descriptor in descriptors { Glibc.close(descriptor) }
  }
}
