import Synchronization

/// Tells work on other threads that its caller no longer wants it.
final class Cancellation: Sendable {
  private let flag = Atomic(false)

  /// For synchronous calls, which no task can cancel.
  static let never = Cancellation()

  func cancel() { flag.store(true, ordering: .relaxed) }

  /// - Throws: ``SwiftletError/cancelled`` once it is set.
  func check() throws(SwiftletError) {
    if flag.load(ordering: .relaxed) { throw .cancelled }
  }
}
