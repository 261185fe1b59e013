import Glibc
import Synchronization
import Testing

@testable import SwiftletRuntime

@Suite(.timeLimit(.minutes(10)))
struct ThreadTeamTests {
  @Test(arguments: [1, 2, 3, 7, 16, 64])
  func `the pieces of a step cover it in order, without gap or overlap`(workers: Int) {
    for count in 0...200 {
      let split = Split(count: count, workers: workers)
      var end = 0
      for region in 0..<workers {
        for round in 0..<split.rounds {
          let range = split.range(region: region, round: round)
          #expect(range.lowerBound == end, "\(count): region \(region), round \(round)")
          end = range.upperBound
        }
      }
      #expect(end == count)
    }
  }

  @Test(arguments: [1, 2, 3, 7])
  func `every unit is done exactly once, pass after pass`(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    let team = pool.makeTeam()
    let work = CountingWork(counts: Array(0...200))
    for pass in 1...5 {
      pool.run(work, by: team)
      #expect(work.isDone(times: pass))
    }
  }

  /// Each pass has its own work: a thread that joins late must not run the work of the pass before.
  @Test(arguments: [1, 2, 3, 7])
  func `every step sees all that the step before wrote`(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    let team = pool.makeTeam()
    for _ in 0..<50 {
      let work = ReversingWork(count: 97, steps: 20)
      pool.run(work, by: team)
      #expect(work.values == (0..<97).map { $0 + 20 })
    }
  }

  @Test(arguments: [1, 2, 3, 7])
  func `many threads may run passes on one pool at once`(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    let works = (0..<8).map { CountingWork(counts: [1, 50, 7 + $0, 0, 200]) }
    onThreads(8) { caller in
      let team = pool.makeTeam()
      for _ in 0..<25 { pool.run(works[caller], by: team) }
    }
    for work in works { #expect(work.isDone(times: 25)) }
  }

  /// A thread that was too late for one pass must not remove the next one from the queue.
  @Test func `a free thread joins a pass`() {
    let pool = WorkerPool(threadCount: 2)
    let team = pool.makeTeam()
    let lonely = (0..<20_000).prefix { _ in
      let work = MeetingWork()
      pool.run(work, by: team)
      return work.hasMet
    }
    #expect(lonely.count == 20_000)
  }

  @Test(arguments: [2, 3, 7])
  func `a worker that joins late changes no result`(capacity: Int) {
    let team = ThreadTeam(capacity: capacity, activeThreads: ActiveThreads(limit: capacity))
    let isHalfway = Atomic(false)
    let hasJoined = Atomic(false)
    // The first worker waits in the middle until another has joined.
    let work = CountingWork(
      counts: Array(0...100),
      inside: { step, _ in
        guard step == 50, !isHalfway.exchange(true, ordering: .acquiringAndReleasing) else {
          return
        }
        waitUntil { hasJoined.load(ordering: .acquiring) }
      })
    onThreads(2) { thread in
      if thread == 0 {
        var worker = team.open()
        work.run(&worker)
        team.close()
      } else {
        waitUntil { isHalfway.load(ordering: .acquiring) }
        guard var worker = team.join() else { return }
        hasJoined.store(true, ordering: .releasing)
        work.run(&worker)
        team.leave()
      }
    }
    let joined = hasJoined.load(ordering: .acquiring)
    #expect(joined)
    #expect(work.isDone(times: 1))
    #expect(team.join() == nil)
  }

  @Test(arguments: [2, 3, 7])
  func `a worker that leaves changes no result and runs no more units`(capacity: Int) {
    let activeThreads = ActiveThreads(limit: 1)
    let team = ThreadTeam(capacity: capacity, activeThreads: activeThreads)
    let helped = Atomic(false)
    let isOversubscribed = Atomic(false)
    let mustLeave = Atomic(false)
    let lateUnits = Atomic(0)
    // The first worker continues once another has run a piece, and then makes it leave. That one
    // waits for the signal: otherwise it might finish before.
    let work = CountingWork(counts: Array(0...100)) { step, workerIndex in
      switch (workerIndex, step) {
      case (0, 30): waitUntil { helped.load(ordering: .acquiring) }
      case (0, 50):
        activeThreads.enter()
        activeThreads.enter()
        isOversubscribed.store(true, ordering: .releasing)
      case (1..., 51...):
        waitUntil { isOversubscribed.load(ordering: .acquiring) }
        mustLeave.store(true, ordering: .relaxed)
      default: break
      }
    } inside: { _, workerIndex in
      guard workerIndex > 0 else { return }
      helped.store(true, ordering: .releasing)
      if mustLeave.load(ordering: .relaxed) { lateUnits.wrappingAdd(1, ordering: .relaxed) }
    }
    var first = team.open()
    onThreads(1) { _ in
      guard var worker = team.join() else { return }
      work.run(&worker)
      team.leave()
    } whileRunning: {
      work.run(&first)
      team.close()
    }
    let late = lateUnits.load(ordering: .relaxed)
    #expect(late == 0)
    #expect(work.isDone(times: 1))
  }

  @Test func `a full or closed team accepts no worker`() {
    let team = ThreadTeam(capacity: 2, activeThreads: ActiveThreads(limit: 2))
    #expect(team.join() == nil)
    for _ in 0..<3 {
      let first = team.open()
      #expect(first.workerIndex == 0)
      #expect(team.join()?.workerIndex == 1)
      #expect(team.join() == nil)
      team.leave()
      team.close()
      #expect(team.join() == nil)
    }
  }
}

/// The first worker waits for another, some seconds at most.
private final class MeetingWork: TeamWork, @unchecked Sendable {
  private let others = Atomic(0)

  var hasMet: Bool { others.load(ordering: .acquiring) > 0 }

  func run(_ worker: inout Worker) {
    guard worker.workerIndex == 0 else {
      others.wrappingAdd(1, ordering: .releasing)
      return
    }
    let end = ContinuousClock.now + .seconds(10)
    while !hasMet, ContinuousClock.now < end { spinPause() }
  }
}

/// Steps of `counts` units. Each unit counts how often it runs.
private final class CountingWork: TeamWork, @unchecked Sendable {
  private let counts: [Int]
  private let starts: [Int]
  private let times: UnsafeMutablePointer<Atomic<Int>>
  private let total: Int
  private let before: Hook
  private let inside: Hook

  typealias Hook = @Sendable (_ step: Int, _ workerIndex: Int) -> Void

  /// `before` is called by each worker before a step, `inside` before each piece.
  init(
    counts: [Int], before: @escaping Hook = { _, _ in }, inside: @escaping Hook = { _, _ in }
  ) {
    self.counts = counts
    self.before = before
    var starts: [Int] = []
    var total = 0
    for count in counts {
      starts.append(total)
      total += count
    }
    self.starts = starts
    self.total = total
    self.inside = inside
    times = .allocate(capacity: total)
    for index in 0..<total { (times + index).initialize(to: Atomic(0)) }
  }

  deinit {
    times.deinitialize(count: total)
    times.deallocate()
  }

  func run(_ worker: inout Worker) {
    let workerIndex = worker.workerIndex
    for step in counts.indices {
      before(step, workerIndex)
      worker.parallelFor(counts[step]) { range in
        inside(step, workerIndex)
        for unit in range { times[starts[step] + unit].wrappingAdd(1, ordering: .relaxed) }
      }
    }
  }

  func isDone(times expected: Int) -> Bool {
    (0..<total).allSatisfy { times[$0].load(ordering: .relaxed) == expected }
  }
}

/// Each step turns the numbers around and adds one, from one array to another, with plain loads and
/// stores: a thread that saw older numbers would spoil the result.
private final class ReversingWork: TeamWork, @unchecked Sendable {
  private let count: Int
  private let steps: Int
  private let numbers: UnsafeMutablePointer<Int>

  init(count: Int, steps: Int) {
    self.count = count
    self.steps = steps
    numbers = .allocate(capacity: 2 * count)
    for index in 0..<2 * count { (numbers + index).initialize(to: index % count) }
  }

  deinit { numbers.deallocate() }

  func run(_ worker: inout Worker) {
    for step in 0..<steps {
      let source = numbers + step % 2 * count
      let target = numbers + (step + 1) % 2 * count
      worker.parallelFor(count) { range in
        for index in range { target[index] = source[count - 1 - index] + 1 }
      }
    }
  }

  /// The result, in the order of the beginning after an even number of steps.
  var values: [Int] { (0..<count).map { numbers[steps % 2 * count + $0] } }
}

/// Waits for another thread; the suite's time limit ends a wait that has no end.
private func waitUntil(_ condition: () -> Bool) {
  while !condition() { usleep(100) }
}
