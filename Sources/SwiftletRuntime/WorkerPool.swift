import Glibc
import SwiftletSystem
import Synchronization

/// The engine's own threads: they run whole pieces of work, and sleep when there is none.
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

  package func makeTeam() -> ThreadTeam {
    ThreadTeam(capacity: threadCount, activeThreads: activeThreads)
  }

  /// Runs work on the calling thread and on those of the pool that have nothing else to do, which
  /// may join at any time before the end. Allocates nothing once the threads are there.
  package func run(_ work: some TeamWork, by team: ThreadTeam) {
    var worker = team.open(for: work)
    activeThreads.enter()
    let invites = threadCount > 1
    if invites {
      queue.startThreads(threadCount - 1)
      queue.invite(to: team)
    }
    work.run(&worker)
    activeThreads.leave()
    if invites { queue.withdraw(team) }
    team.close()
  }

  deinit { queue.close() }

  /// Runs `job` on one of the threads, some time.
  package func submit(_ job: @escaping Job) {
    queue.startThreads(threadCount)
    queue.append(job)
  }

  /// Runs `body` for 0 ..< count, shared out over the threads and the caller, and returns when all
  /// are done.
  package func run(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let share = SharedWork(count: count, body)
    let helpers = min(threadCount, count) - 1
    if helpers > 0 {
      queue.startThreads(helpers)
      queue.offer(QueuedWork(work: share, places: helpers))
    }
    share.takePart()
    if helpers > 0 { queue.withdraw(share) }
    // The others may still be in passes that have room for one more.
    while !share.isDone, queue.joinPass() {}
    share.waitUntilDone()
  }
}

/// A pass that threads may join. Whoever accepts it late may find the team in its next pass, and then
/// does what that one is about.
private struct Invitation {
  let team: ThreadTeam
  /// Tells the passes of a team apart.
  let number: Int

  /// False if the pass takes no more members.
  func accept(_ activeThreads: ActiveThreads) -> Bool {
    guard var worker = team.join() else { return false }
    activeThreads.enter()
    team.work?.run(&worker)
    activeThreads.leave()
    team.leave()
    return true
  }
}

/// Work that so many threads may take part in. It is withdrawn once nothing of it is left to take:
/// threads that have enough else to do never come to it.
private struct QueuedWork {
  let work: SharedWork
  var places: Int
}

/// What threads wait for, under one lock.
private final class JobQueue: @unchecked Sendable {
  private let lock = Lock()
  private let activeThreads: ActiveThreads
  private var jobs: [WorkerPool.Job] = []
  private var head = 0
  private var offers: [QueuedWork] = []
  private var invitations: [Invitation] = []
  private var invitationCount = 0
  /// Counts what has come, for threads that look without the lock.
  private let arrivals = Atomic(0)
  private var started = 0
  private var isClosed = false

  private enum Task {
    case job(WorkerPool.Job)
    case share(SharedWork)
    case invitation(Invitation)
  }

  init(activeThreads: ActiveThreads) { self.activeThreads = activeThreads }

  func startThreads(_ count: Int) {
    lock.withLock {
      while started < count {
        // A process that may have no more threads works with those it has: the callers of `run`
        // do their work themselves. With none at all, `append` runs the job on the spot.
        guard startThread({ [self] in work() }) == 0 else { return }
        started += 1
      }
    }
  }

  func append(_ job: @escaping WorkerPool.Job) {
    let hasThreads = lock.withLock {
      guard started > 0 else { return false }
      jobs.append(job)
      arrivals.wrappingAdd(1, ordering: .relaxed)
      lock.wakeOne()
      return true
    }
    if !hasThreads { job() }
  }

  func offer(_ offer: QueuedWork) {
    lock.withLock {
      offers.append(offer)
      arrivals.wrappingAdd(1, ordering: .relaxed)
      for _ in 0..<offer.places { lock.wakeOne() }
    }
  }

  func withdraw(_ work: SharedWork) {
    lock.withLock { offers.removeAll { $0.work === work } }
  }

  func invite(to team: ThreadTeam) {
    lock.withLock {
      invitationCount += 1
      invitations.append(Invitation(team: team, number: invitationCount))
      arrivals.wrappingAdd(1, ordering: .relaxed)
      lock.wakeAll()
    }
  }

  func withdraw(_ team: ThreadTeam) {
    lock.withLock {
      invitations.removeAll { $0.team === team }
      // Threads that were one too many may find room with the passes that are left.
      if !invitations.isEmpty { lock.wakeAll() }
    }
  }

  func close() {
    lock.withLock {
      isClosed = true
      lock.wakeAll()
    }
  }

  private func work() {
    while let task = next() {
      switch task {
      case .job(let job): job()
      case .share(let work): work.takePart()
      case .invitation(let invitation): accept(invitation)
      }
    }
  }

  /// Takes part in a pass that has room; false if there is none.
  func joinPass() -> Bool {
    guard let invitation = lock.withLock({ nextInvitation() }) else { return false }
    accept(invitation)
    return true
  }

  private func accept(_ invitation: Invitation) {
    guard !invitation.accept(activeThreads) else { return }
    // Not whatever the team invites to by now: its next pass may have begun meanwhile.
    lock.withLock { invitations.removeAll { $0.number == invitation.number } }
  }

  /// Waits for something to do; nil once the queue is closed and empty.
  private func next() -> Task? {
    let before = arrivals.load(ordering: .relaxed)
    if let task = lock.withLock({ poll() }) { return task }
    awaitArrival(after: before)
    return lock.withLock {
      while true {
        if let task = poll() { return task }
        if isClosed { return nil }
        lock.wait()
      }
    }
  }

  /// Requests often come one upon another, and to wake a thread takes as long as a layer of a short
  /// text: so a thread stays awake for some microseconds.
  private func awaitArrival(after count: Int) {
    for _ in 0..<1000 {
      if arrivals.load(ordering: .relaxed) != count { return }
      spinPause()
    }
  }

  private func poll() -> Task? {
    if let job = nextJob() { return .job(job) }
    if let work = nextShare() { return .share(work) }
    return nextInvitation().map { .invitation($0) }
  }

  private func nextInvitation() -> Invitation? { activeThreads.isAtLimit ? nil : invitations.last }

  private func nextShare() -> SharedWork? {
    guard let work = offers.first?.work else { return nil }
    offers[0].places -= 1
    if offers[0].places == 0 { offers.removeFirst() }
    return work
  }

  private func nextJob() -> WorkerPool.Job? {
    guard head < jobs.count else { return nil }
    let job = jobs[head]
    head += 1
    // Jobs that were taken are dropped when they are half of the list.
    if head * 2 >= jobs.count {
      jobs.removeFirst(head)
      head = 0
    }
    return job
  }
}

/// Numbered pieces of one piece of work that any thread may take.
private final class SharedWork: @unchecked Sendable {
  private let lock = Lock()
  private let count: Int
  private let body: @Sendable (Int) -> Void
  private var next = 0
  private var done = 0

  init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = body
  }

  /// Does pieces until none is left to take.
  func takePart() {
    while let index = take() {
      body(index)
      lock.withLock {
        done += 1
        if done == count { lock.wakeAll() }
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

/// A mutex with one condition.
private final class Lock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func withLock<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Sleeps until woken; the lock is held before and after.
  func wait() { pthread_cond_wait(condition, mutex) }
  func wakeOne() { pthread_cond_signal(condition) }
  func wakeAll() { pthread_cond_broadcast(condition) }
}
