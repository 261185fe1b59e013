import Glibc
import Synchronization

/// Distributes pieces of work to threads; each takes the next piece when it is free.
final class WorkShare: Sendable {
  private let next = Atomic<Int>(0)
  private let count: Int
  private let body: @Sendable (Int) -> Void

  private init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = body
  }

  /// Calls `body` with every number below `count` on this thread and up to `threads` - 1 new ones,
  /// which end with the call; on fewer if the system refuses threads.
  static func run(_ count: Int, over threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let share = WorkShare(count, body)
    var workers: [pthread_t] = []
    while workers.count < min(threads, count) - 1, let worker = share.start() {
      workers.append(worker)
    }
    share.work()
    for worker in workers { pthread_join(worker, nil) }
  }

  private func work() {
    while true {
      let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard number < count else { return }
      body(number)
    }
  }

  private func start() -> pthread_t? {
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<WorkShare>.fromOpaque(context).takeRetainedValue().work()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      return nil
    }
    return thread
  }
}
