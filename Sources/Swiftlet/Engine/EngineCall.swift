import SwiftletEncoder
import Synchronization

/// One asynchronous call: the continuation of the waiting task and the state of its work.
///
/// The task resumes exactly once: with the result, or with ``SwiftletError/cancelled`` if it is
/// cancelled before a thread starts the work. Work that has started stops by ``cancellation``.
final class EngineCall<Value: Sendable>: Sendable {
  typealias Continuation = CheckedContinuation<Result<Value, SwiftletError>, Never>

  private enum State {
    case new
    case waiting(Continuation)
    case running(Continuation)
    case ended
  }

  let cancellation = Cancellation()
  private let state = Mutex(State.new)

  /// Stores the task's continuation; if the task was cancelled, resumes it and returns false.
  func wait(_ continuation: Continuation) -> Bool {
    let isWanted = state.withLock { state in
      guard case .new = state else { return false }
      state = .waiting(continuation)
      return true
    }
    if !isWanted { continuation.resume(returning: .failure(.cancelled)) }
    return isWanted
  }

  /// Runs the work on the calling thread, unless the task was cancelled.
  func run(_ body: () throws(SwiftletError) -> Value) {
    let continuation: Continuation? = state.withLock { state in
      guard case .waiting(let continuation) = state else { return nil }
      state = .running(continuation)
      return continuation
    }
    guard let continuation else { return }
    let result = Result { () throws(SwiftletError) in try body() }
    state.withLock { $0 = .ended }
    continuation.resume(returning: result)
  }

  func cancel() {
    cancellation.cancel()
    let continuation: Continuation? = state.withLock { state in
      switch state {
      case .new:
        state = .ended
        return nil
      case .waiting(let continuation):
        state = .ended
        return continuation
      case .running, .ended: return nil
      }
    }
    continuation?.resume(returning: .failure(.cancelled))
  }
}
