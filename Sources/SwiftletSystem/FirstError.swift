import Synchronization

/// The first error that one of several threads reports.
package final class FirstError<Failure: Error>: Sendable {
  private let first = Mutex<Failure?>(nil)

  package init() {}

  package var error: Failure? { first.withLock { $0 } }

  package func report(_ error: Failure) { first.withLock { $0 = $0 ?? error } }
}
