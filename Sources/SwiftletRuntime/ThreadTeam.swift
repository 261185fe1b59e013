import Builtin
import Glibc
import Synchronization

/// Work of several threads: each runs the same steps, and takes pieces of every step.
package protocol TeamWork: AnyObject, Sendable {
  func run(_ worker: inout Worker)
}

/// The threads that run one pass together; made by ``WorkerPool/makeTeam()``, for one pass at a time.
///
/// No thread waits for one that joins late or never: a step is over when its pieces are done, on whichever
/// threads. Each worker index has a region of every step. A worker takes the pieces of its own region one
/// after another, then the pieces that remain in the other regions. The state of a whole pass is one
/// counter of taken pieces for each region and one counter of pieces done; each worker knows how many
/// pieces the previous steps had.
package final class ThreadTeam: @unchecked Sendable {
  /// The maximum number of workers in a pass, including workers that have left.
  package let capacity: Int
  private let activeThreads: ActiveThreads
  /// The work of the current pass; only its workers may read it.
  private(set) var work: (any TeamWork)?
  /// The pieces taken of each region, each counter in its own cache line.
  private let taken: UnsafeMutablePointer<Atomic<Int>>
  private let done = Atomic(0)
  /// The workers that are in the pass, plus `closed` while no thread may join.
  private let inside = Atomic(ThreadTeam.closed)
  /// The workers that have joined the pass: the next worker's index.
  private let joinCount = Atomic(0)

  private static let closed = 1 << 32
  private static let line = 64 / MemoryLayout<Atomic<Int>>.stride

  init(capacity: Int, activeThreads: ActiveThreads) {
    self.capacity = capacity
    self.activeThreads = activeThreads
    taken = .allocate(capacity: capacity * Self.line)
    for index in 0..<capacity * Self.line { (taken + index).initialize(to: Atomic(0)) }
  }

  deinit {
    taken.deinitialize(count: capacity * Self.line)
    taken.deallocate()
  }

  /// Begins a pass, which other threads may join to run `work`; the caller is its first worker.
  func open(for work: (any TeamWork)? = nil) -> Worker {
    self.work = work
    for region in 0..<capacity { taken[region * Self.line].store(0, ordering: .relaxed) }
    done.store(0, ordering: .relaxed)
    joinCount.store(1, ordering: .relaxed)
    inside.wrappingSubtract(Self.closed - 1, ordering: .releasing)
    return Worker(team: self, workerIndex: 0)
  }

  /// Joins the current pass; nil if there is none, or if it has all its workers.
  func join() -> Worker? {
    if inside.wrappingAdd(1, ordering: .acquiring).oldValue < Self.closed {
      let workerIndex = joinCount.wrappingAdd(1, ordering: .relaxed).oldValue
      if workerIndex < capacity { return Worker(team: self, workerIndex: workerIndex) }
    }
    leave()
    return nil
  }

  func leave() { inside.wrappingSubtract(1, ordering: .releasing) }

  /// Ends the pass: refuses further workers, and waits until all but the caller have left.
  func close() {
    inside.wrappingAdd(Self.closed - 1, ordering: .acquiringAndReleasing)
    wait { inside.load(ordering: .acquiring) == Self.closed }
    work = nil
  }

  /// Whether workers should leave, because other threads compute by themselves.
  fileprivate var isOversubscribed: Bool { activeThreads.isOverLimit }

  /// Takes the next piece of a region; nil if the region has no piece before `end`.
  fileprivate func take(from region: Int, before end: Int) -> Int? {
    let taken = taken + region * Self.line
    var next = taken.pointee.load(ordering: .relaxed)
    while next < end {
      let (exchanged, current) = taken.pointee.weakCompareExchange(
        expected: next, desired: next + 1, ordering: .relaxed)
      if exchanged { return next }
      next = current
    }
    return nil
  }

  fileprivate func finishPiece() { done.wrappingAdd(1, ordering: .releasing) }

  fileprivate func waitUntilDone(_ end: Int) {
    wait { done.load(ordering: .acquiring) >= end }
  }

  /// Waits for threads that compute: spins briefly, then yields the processor between checks.
  private func wait(until condition: () -> Bool) {
    var rounds = 0
    while !condition() {
      if rounds < 2000 {
        rounds += 1
        spinPause()
      } else {
        sched_yield()
      }
    }
  }
}

/// One thread's part in a pass. All workers of a pass must make the same calls of `parallelFor`.
package struct Worker {
  private let team: ThreadTeam
  /// Tells the workers of a pass apart: below the team's `capacity`.
  package let workerIndex: Int
  /// The pieces that each region has had in all steps so far.
  private var rounds = 0
  private var hasLeft = false

  fileprivate init(team: ThreadTeam, workerIndex: Int) {
    self.team = team
    self.workerIndex = workerIndex
  }

  /// The worker of a team of one.
  package static func alone() -> Worker {
    ThreadTeam(capacity: 1, activeThreads: ActiveThreads(limit: 1)).open()
  }

  package var isAlone: Bool { team.capacity == 1 }

  /// Runs `body` for ranges that together are 0 ..< count, on all workers, and returns when all are
  /// done.
  package mutating func parallelFor(_ count: Int, _ body: (Range<Int>) -> Void) {
    guard count > 0, !hasLeft else { return }
    if isAlone { return body(0..<count) }
    if workerIndex > 0, team.isOversubscribed {
      hasLeft = true
      return
    }
    let split = Split(count: count, workers: team.capacity)
    let first = rounds
    rounds += split.rounds
    for offset in 0..<team.capacity {
      let region = (workerIndex + offset) % team.capacity
      while let piece = team.take(from: region, before: rounds) {
        let range = split.range(region: region, round: piece - first)
        if !range.isEmpty { body(range) }
        team.finishPiece()
      }
    }
    team.waitUntilDone(rounds * team.capacity)
  }
}

/// How a step is cut into pieces: an equal region for each worker, and each piece half of what remains of
/// its region. So most of the work runs in long pieces, and the workers still finish together.
struct Split {
  /// The pieces of each region.
  let rounds: Int
  private let count: Int
  private let workers: Int

  /// Enough: eight rounds measured the same, four 3 % slower at 512 tokens on two threads.
  private static let maxRounds = 6

  init(count: Int, workers: Int) {
    self.count = count
    self.workers = workers
    rounds = min(Self.maxRounds, (count + workers - 1) / workers)
  }

  func range(region: Int, round: Int) -> Range<Int> {
    let first = count * region / workers
    let last = count * (region + 1) / workers
    let size = last - first
    return last - remaining(of: size, before: round)..<last - remaining(of: size, before: round + 1)
  }

  /// The units of a region that remain before a round: all, a half, a quarter and so on; none after the
  /// last round.
  private func remaining(of size: Int, before round: Int) -> Int {
    round == rounds ? 0 : size >> round
  }
}

/// Tells the processor that the thread waits for another's write.
func spinPause() {
  #if arch(x86_64)
  Builtin.int_x86_sse2_pause()
  #endif
}
