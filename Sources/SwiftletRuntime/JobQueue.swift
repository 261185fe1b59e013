import SwiftletSystem
import Synchronization

/// What the threads of a ``WorkerPool`` take from, under one lock: jobs first, then loops, then passes.
final class JobQueue: @unchecked Sendable {
  private let lock = ConditionLock()
  private let activeThreads: ActiveThreads
  /// Counts additions, for threads that poll without the lock.
  private let arrivals = Atomic(0)
  // Guarded by the lock.
  private var jobs: [WorkerPool.Job] = []
  private var firstJob = 0
  private var loops: [QueuedWork] = []
  private var passes: [OpenPass] = []
  private var passCount = 0
  private var started = 0
  private var isClosed = false

  private enum Task {
    case job(WorkerPool.Job)
    case loop(SharedLoop)
    case pass(OpenPass)
  }

  init(activeThreads: ActiveThreads) { self.activeThreads = activeThreads }

  /// Starts threads until there are `count`, or until the system refuses one.
  ///
  /// A process at its thread limit works with the threads that it has: the callers of
  /// ``WorkerPool/run(count:_:)`` do the work themselves, and `add` runs the job at once.
  func startThreads(_ count: Int) {
    lock.withLock {
      while started < count {
        guard startThread({ [self] in work() }) == 0 else { return }
        started += 1
      }
    }
  }

  /// Adds a job; without a thread to run it, runs it on the caller's.
  func add(_ job: @escaping WorkerPool.Job) {
    let hasThreads = lock.withLock {
      guard started > 0 else { return false }
      jobs.append(job)
      arrivals.wrappingAdd(1, ordering: .relaxed)
      lock.signal()
      return true
    }
    if !hasThreads { job() }
  }

  func add(_ work: QueuedWork) {
    lock.withLock {
      loops.append(work)
      arrivals.wrappingAdd(1, ordering: .relaxed)
      for _ in 0..<work.places { lock.signal() }
    }
  }

  func remove(_ loop: SharedLoop) {
    lock.withLock { loops.removeAll { $0.loop === loop } }
  }

  func add(_ team: ThreadTeam) {
    lock.withLock {
      passCount += 1
      passes.append(OpenPass(team: team, number: passCount))
      arrivals.wrappingAdd(1, ordering: .relaxed)
      lock.broadcast()
    }
  }

  func remove(_ team: ThreadTeam) {
    lock.withLock {
      passes.removeAll { $0.team === team }
      // Threads that found `activeThreads` at its limit may have room now.
      if !passes.isEmpty { lock.broadcast() }
    }
  }

  /// Ends the threads once the queue is empty.
  func close() {
    lock.withLock {
      isClosed = true
      lock.broadcast()
    }
  }

  /// Takes part in a pass that has room; false if there is none.
  func joinPass() -> Bool {
    guard let pass = lock.withLock({ nextPass() }) else { return false }
    join(pass)
    return true
  }

  // MARK: On the threads

  private func work() {
    while let task = next() {
      switch task {
      case .job(let job): job()
      case .loop(let loop): loop.takePart()
      case .pass(let pass): join(pass)
      }
    }
  }

  private func join(_ pass: OpenPass) {
    guard !pass.join(activeThreads) else { return }
    // By its number: the team's next pass may be in the list by now.
    lock.withLock { passes.removeAll { $0.number == pass.number } }
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

  /// Spins for some microseconds: requests often follow one another closely, and waking a thread takes
  /// as long as a layer of a short text.
  private func awaitArrival(after count: Int) {
    for _ in 0..<1000 {
      if arrivals.load(ordering: .relaxed) != count { return }
      spinPause()
    }
  }

  private func poll() -> Task? {
    if let job = nextJob() { return .job(job) }
    if let loop = nextLoop() { return .loop(loop) }
    return nextPass().map { .pass($0) }
  }

  private func nextPass() -> OpenPass? { activeThreads.isAtLimit ? nil : passes.last }

  private func nextLoop() -> SharedLoop? {
    guard let loop = loops.first?.loop else { return nil }
    loops[0].places -= 1
    if loops[0].places == 0 { loops.removeFirst() }
    return loop
  }

  private func nextJob() -> WorkerPool.Job? {
    guard firstJob < jobs.count else { return nil }
    let job = jobs[firstJob]
    firstJob += 1
    // Amortised: jobs that were taken are removed when they are half of the list.
    if firstJob * 2 >= jobs.count {
      jobs.removeFirst(firstJob)
      firstJob = 0
    }
    return job
  }
}

/// A loop in the queue, for as many threads as it has places. Its caller removes it once all iterations
/// are taken, in case busy threads never come to it.
struct QueuedWork {
  let loop: SharedLoop
  var places: Int
}

/// A pass that threads may join. A thread that joins late may find the team in its next pass, and then
/// works on that one.
private struct OpenPass {
  let team: ThreadTeam
  /// Tells the passes of a team apart.
  let number: Int

  /// Returns false if the pass takes no more workers.
  func join(_ activeThreads: ActiveThreads) -> Bool {
    guard var worker = team.join() else { return false }
    activeThreads.enter()
    team.work?.run(&worker)
    activeThreads.leave()
    team.leave()
    return true
  }
}
