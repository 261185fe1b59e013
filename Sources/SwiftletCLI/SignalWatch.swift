import Glibc
import SwiftletEncoder
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into a flag that commands read between chunks; a second signal
/// ends the process at once.
enum SignalWatch {
  private static let received = Atomic<Int32>(0)
  /// The address of a C string with the file that a second signal deletes; zero for none.
  private static let temporaryPath = Atomic<UInt>(0)

  /// Cancelled by the first signal.
  static let cancellation = Cancellation()

  /// The first signal that arrived.
  static var pending: Int32? {
    let signal = received.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }

  /// The exit status for ``pending``.
  static var status: ExitStatus {
    switch pending {
    case SIGTERM: .terminated
    case SIGHUP: .hungUp
    default: .interrupted
    }
  }

  /// Installs the handlers. SIGPIPE is ignored, so that writing to a closed pipe fails with EPIPE and the
  /// progress line can be cleared first; SIGXFSZ, so that a file above the limit of `ulimit -f` is an error.
  static func start() {
    // Initialised here, so that the handler never runs a lazy initialiser.
    _ = (pending, temporaryPath.load(ordering: .relaxed), cancellation.isCancelled)
    var action = sigaction()
    sigemptyset(&action.sa_mask)
    action.__sigaction_handler.sa_handler = { signal in SignalWatch.handle(signal) }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // A parent that ignores a signal, as nohup does, expects it to stay ignored.
      var previous = sigaction()
      sigaction(number, nil, &previous)
      let address = unsafeBitCast(previous.__sigaction_handler.sa_handler, to: Int.self)
      if address != unsafeBitCast(SIG_IGN, to: Int.self) { sigaction(number, &action, nil) }
    }
    for number in [SIGPIPE, SIGXFSZ] { Glibc.signal(number, SIG_IGN) }
  }

  /// Calls only what is safe in a signal handler: atomics, unlink, _exit.
  private static func handle(_ signal: Int32) {
    guard received.exchange(signal, ordering: .acquiringAndReleasing) != 0 else {
      return cancellation.cancel()
    }
    let path = temporaryPath.load(ordering: .acquiring)
    if let path = UnsafePointer<CChar>(bitPattern: path) { unlink(path) }
    _exit(128 + signal)
  }

  /// Sets the file that a second signal deletes; nil once the file is renamed or deleted.
  static func deleteOnExit(_ path: String?) {
    let copy = path.flatMap { strdup($0) }
    temporaryPath.store(UInt(bitPattern: copy), ordering: .releasing)
  }

  /// Ends the process by SIGPIPE, as if the signal had never been ignored.
  static func dieOfClosedPipe() -> Never {
    Glibc.signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
    _exit(ExitStatus.closedPipe.rawValue)
  }
}
