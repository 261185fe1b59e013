import Builtin
import Glibc
import Synchronization

/// What several threads do together: each of them runs the same steps, and of every step the pieces
/// that it gets hold of.
package protocol TeamWork: AnyObject, Sendable {
  func run(_ worker: inout Worker)
}

/// The threads that go through one pass together; made by ``WorkerPool/makeTeam()``, for one pass at
/// a time.
///
/// Nobody waits for a thread that comes late, or not at all: a step is over when its pieces are done,
/// whoever did them. Each place has a region of every step, whose pieces its member takes one after
/// another, and then those that are left in the others' regions. A few numbers suffice for a whole
/// pass, the pieces that were taken of each region and those that are done since it began; each
/// member knows how many pieces the steps before had.
package final class ThreadTeam: @unchecked Sendable {
  /// The most members of a pass, those that have left included.
  package let capacity: Int
  private let activeThreads: ActiveThreads
  /// What the pass under way computes; whoever is inside may read it.
  private(set) var work: (any TeamWork)?
  /// The pieces taken of each region, every number in a cache line of its own.
  private let taken: UnsafeMutablePointer<Atomic<Int>>
  private let done = Atomic(0)
  /// The members that are inside; more than `closed` while nobody may join.
  private let inside = Atomic(ThreadTeam.closed)
  /// The places that members have had, so that each has one of its own.
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

  /// Begins a pass, which others may join to do `work`; the caller is its first member.
  func open(for work: (any TeamWork)? = nil) -> Worker {
    self.work = work
    for workerIndex in 0..<capacity { taken[workerIndex * Self.line].store(0, ordering: .relaxed) }
    done.store(0, ordering: .relaxed)
    joinCount.store(1, ordering: .relaxed)
    inside.wrappingSubtract(Self.closed - 1, ordering: .releasing)
    return Worker(team: self, workerIndex: 0)
  }

  /// A place in the pass that is under way; nil if there is none.
  func join() -> Worker? {
    if inside.wrappingAdd(1, ordering: .acquiring).oldValue < Self.closed {
      let workerIndex = joinCount.wrappingAdd(1, ordering: .relaxed).oldValue
      if workerIndex < capacity { return Worker(team: self, workerIndex: workerIndex) }
    }
    leave()
    return nil
  }

  func leave() { inside.wrappingSubtract(1, ordering: .releasing) }

  /// Lets nobody in any more, and waits until all but the caller are out.
  func close() {
    inside.wrappingAdd(Self.closed - 1, ordering: .acquiringAndReleasing)
    wait { inside.load(ordering: .acquiring) == Self.closed }
    work = nil
  }

  /// Whether members should leave, because others compute on their own.
  fileprivate var isOversubscribed: Bool { activeThreads.isOverLimit }

  /// The next piece of a region, unless it lies behind the end of the step.
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

  /// Waits for threads that are computing: a short while without giving up the processor, then in
  /// turns with whoever else wants it.
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

/// One thread's part in a pass. All members of a pass must share out the same steps.
package struct Worker {
  private let team: ThreadTeam
  /// Tells the members of a pass apart: below the team's `capacity`.
  package let workerIndex: Int
  /// The pieces that each region has had in all steps so far.
  private var rounds = 0
  private var hasLeft = false

  fileprivate init(team: ThreadTeam, workerIndex: Int) {
    self.team = team
    self.workerIndex = workerIndex
  }

  /// A member of a team of one.
  package static func alone() -> Worker {
    ThreadTeam(capacity: 1, activeThreads: ActiveThreads(limit: 1)).open()
  }

  package var isAlone: Bool { team.capacity == 1 }

  /// Runs `body` for ranges that together are 0 ..< count, on all members, and returns when all are
  /// done.
  package mutating func parallelFor(_ count: Int, _ body: (Range<Int>) -> Void) {
    guard count > 0, !hasLeft else { return }
    if isAlone { return body(0..<count) }
    if workerIndex > 0, team.isOversubscribed {
      hasLeft = true
      return
    }
    let split = Split(count: count, members: team.capacity)
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

/// How a step is cut into pieces: an equal region for each member, and that into pieces of which each
/// is half of what is left. So most is done in long runs, and still all come to the end together.
struct Split {
  /// The pieces of each region.
  let rounds: Int
  private let count: Int
  private let members: Int

  /// 512 tokens take two threads 3 % less than with four, and as long with eight.
  private static let maxRounds = 6

  init(count: Int, members: Int) {
    self.count = count
    self.members = members
    rounds = min(Self.maxRounds, (count + members - 1) / members)
  }

  func range(region: Int, round: Int) -> Range<Int> {
    let first = count * region / members
    let last = count * (region + 1) / members
    return last - left(last - first, before: round)..<last - left(last - first, before: round + 1)
  }

  /// What is left of a region before a round: all, a half, a quarter and so on, and at last nothing.
  private func left(_ size: Int, before round: Int) -> Int {
    round == rounds ? 0 : size >> round
  }
}

/// The threads of a pool that compute at the moment.
final class ActiveThreads: Sendable {
  private let limit: Int
  private let count = Atomic(0)

  init(limit: Int) { self.limit = limit }

  var isOverLimit: Bool { count.load(ordering: .relaxed) > limit }
  var isAtLimit: Bool { count.load(ordering: .relaxed) >= limit }

  func enter() { count.wrappingAdd(1, ordering: .relaxed) }
  func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}

/// Tells the processor that the thread waits for another's write.
func spinPause() {
  #if arch(x86_64)
  Builtin.int_x86_sse2_pause()
  #endif
}
