import Synchronization

/// Stores the first error of several threads.
final class FirstFailure: Sendable {
  private let first = Mutex<SwiftletError?>(nil)

  var error: SwiftletError? { first.withLock { $0 } }

  func note(_ error: SwiftletError) { first.withLock { $0 = $0 ?? error } }
}
