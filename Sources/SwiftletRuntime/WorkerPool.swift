import SwiftletSystem

/// The engine's own threads: they run whole jobs, parts of loops and parts of forward passes, and sleep
/// when there is nothing to do.
///
/// They are started at the first use, never pinned, and separate from Swift's cooperative pool, which
/// must not be blocked.
package final class WorkerPool: @unchecked Sendable {
  package typealias Job = @Sendable () -> Void

  /// Threads that compute at the same time, the one that calls ``run(count:_:)`` included.
  package let threadCount: Int
  private let queue: JobQueue
  private let activeThreads: ActiveThreads

  package init(threadCount: Int) {
    requirePrecondition(threadCount > 0, "a pool can't have \(threadCount) threads")
    self.threadCount = threadCount
    activeThreads = ActiveThreads(limit: threadCount)
    queue = JobQueue(activeThreads: activeThreads)
  }

  deinit { queue.close() }

  package func makeTeam() -> ThreadTeam {
    ThreadTeam(capacity: threadCount, activeThreads: activeThreads)
  }

  /// Runs `work` on the calling thread and on the pool's idle threads, which may join at any time before
  /// the end. Allocates nothing once the threads are started.
  package func run(_ work: some TeamWork, by team: ThreadTeam) {
    var worker = team.open(for: work)
    activeThreads.enter()
    let invitesOthers = threadCount > 1
    if invitesOthers {
      queue.startThreads(threadCount - 1)
      queue.add(team)
    }
    work.run(&worker)
    activeThreads.leave()
    if invitesOthers { queue.remove(team) }
    team.close()
  }

  /// Runs `job` on one of the pool's threads, after the jobs that were submitted before it have begun.
  package func submit(_ job: @escaping Job) {
    queue.startThreads(threadCount)
    queue.add(job)
  }

  /// Runs `body` for 0 ..< count, on the calling thread and the pool's threads, and returns when all calls
  /// have returned.
  package func run(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let loop = SharedLoop(count: count, body)
    let helpers = min(threadCount, count) - 1
    if helpers > 0 {
      queue.startThreads(helpers)
      queue.add(QueuedWork(loop: loop, places: helpers))
    }
    loop.takePart()
    if helpers > 0 { queue.remove(loop) }
    // Other threads may still run iterations; meanwhile this one joins a pass that has room.
    while !loop.isDone, queue.joinPass() {}
    loop.waitUntilDone()
  }
}
