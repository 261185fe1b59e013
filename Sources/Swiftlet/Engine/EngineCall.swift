import SwiftletEncoder
import Synchronization

/// One asynchronous call between the task that waits and the engine's thread that works for it.
///
/// The task goes on exactly once: with the result, or with ``SwiftletError/cancelled`` if it is
/// cancelled while the work waits for a thread. Work that has begun ends by ``cancellation``.
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

  /// Takes the task's continuation; false if the task is cancelled, and goes on already.
  func wait(_ continuation: Continuation) -> Bool {
    let isWanted = state.withLock { state in
      guard case .new = state else { return false }
      state = .waiting(continuation)
      return true
    }
    if !isWanted { continuation.resume(returning: .failure(.cancelled)) }
    return isWanted
  }

  /// Does the work on the calling thread, unless the task has gone on meanwhile.
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
