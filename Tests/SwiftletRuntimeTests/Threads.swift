import Glibc
import SwiftletSystem
import Synchronization

/// Runs `body` on `count` new threads and `whileRunning` on the caller's, and waits for all of them.
///
/// It waits by an atomic, which the thread sanitizer understands, unlike libdispatch's semaphores.
func onThreads(
  _ count: Int, _ body: @escaping @Sendable (Int) -> Void, whileRunning: () -> Void = {}
) {
  let running = RunningThreads(count)
  for index in 0..<count {
    let code = startThread {
      body(index)
      running.count.subtract(1, ordering: .releasing)
    }
    precondition(code == 0, "no thread for the test")
  }
  whileRunning()
  while running.count.load(ordering: .acquiring) > 0 { usleep(100) }
}

private final class RunningThreads: Sendable {
  let count: Atomic<Int>

  init(_ count: Int) { self.count = Atomic(count) }
}
