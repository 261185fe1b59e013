import SwiftletSystem

/// The iterations 0 ..< count of a loop, which any thread may take, one at a time.
final class SharedLoop: @unchecked Sendable {
  private let lock = ConditionLock()
  private let count: Int
  private let body: @Sendable (Int) -> Void
  // Guarded by the lock.
  private var next = 0
  private var done = 0

  init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = body
  }

  /// Runs iterations until none is left to take.
  func takePart() {
    while let index = take() {
      body(index)
      lock.withLock {
        done += 1
        if done == count { lock.broadcast() }
      }
    }
  }

  var isDone: Bool { lock.withLock { done == count } }

  func waitUntilDone() {
    lock.withLock { while done < count { lock.wait() } }
  }

  private func take() -> Int? {
    lock.withLock {
      guard next < count else { return nil }
      next += 1
      return next - 1
    }
  }
}
