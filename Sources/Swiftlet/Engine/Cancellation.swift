import Synchronization

/// A flag that stops a call's work on other threads.
final class Cancellation: Sendable {
  private let flag = Atomic(false)

  /// A flag that is never set, for synchronous calls.
  static let never = Cancellation()

  func cancel() { flag.store(true, ordering: .relaxed) }

  /// Throws ``SwiftletError/cancelled`` if the flag is set.
  func check() throws(SwiftletError) {
    if flag.load(ordering: .relaxed) { throw .cancelled }
  }
}
