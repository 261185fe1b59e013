import Glibc

/// Runs `body` on so many threads of their own, and `whileRunning` on the caller's; waits for all.
func onThreads(
  _ count: Int, _ body: @escaping @Sendable (Int) -> Void, whileRunning: () -> Void = {}
) {
  let threads = (0..<count).map { index in
    let box = Unmanaged.passRetained(ThreadBody { body(index) })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    precondition(code == 0, "no thread for the test")
    return thread
  }
  whileRunning()
  for thread in threads { pthread_join(thread, nil) }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
