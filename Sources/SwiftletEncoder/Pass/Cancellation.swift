import Synchronization

/// Tells a computation on other threads that its caller no longer wants the result.
package final class Cancellation: Sendable {
  private let flag = Atomic(false)

  /// For synchronous calls, which no task can cancel.
  package static let never = Cancellation()

  package init() {}

  package var isCancelled: Bool { flag.load(ordering: .relaxed) }

  package func cancel() { flag.store(true, ordering: .relaxed) }
}
