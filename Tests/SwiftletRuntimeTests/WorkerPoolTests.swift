import Glibc
import SwiftletRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct WorkerPoolTests {
  @Test(arguments: [1, 2, 7], [0, 1, 2, 3, 100, 5000])
  func `every index runs exactly once`(threads: Int, count: Int) {
    let pool = WorkerPool(threadCount: threads)
    let tally = Tally(count: count)
    pool.run(count: count) { tally.add($0) }
    #expect(tally.counts.allSatisfy { $0 == 1 })
  }

  @Test func `one thread is the caller's own`() {
    let caller = pthread_self()
    let strangers = Atomic(0)
    WorkerPool(threadCount: 1).run(count: 50) { _ in
      if pthread_equal(pthread_self(), caller) == 0 { strangers.add(1, ordering: .relaxed) }
    }
    #expect(strangers.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: [1, 2, 3])
  func `work may itself share out work`(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    let tally = Tally(count: 6 * 5 * 4)
    pool.run(count: 6) { i in
      pool.run(count: 5) { j in
        pool.run(count: 4) { k in tally.add((i * 5 + j) * 4 + k) }
      }
    }
    #expect(tally.counts.allSatisfy { $0 == 1 })
  }

  @Test func `a busy pool releases finished work`() {
    final class Token: Sendable {}
    let pool = WorkerPool(threadCount: 2)
    let (begun, end) = (Tally(count: 2), Tally(count: 1))
    for job in 0..<2 {
      pool.submit {
        begun.add(job)
        end.wait(for: 1)
      }
    }
    begun.wait(for: 2)
    weak var token: Token?
    do {
      let held = Token()
      token = held
      pool.run(count: 8) { _ in withExtendedLifetime(held) {} }
    }
    #expect(token == nil)
    end.add(0)
  }

  @Test(arguments: [1, 2, 7])
  func `many threads may share out work at once`(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    let tallies = (0..<8).map { _ in Tally(count: 300) }
    onThreads(8) { caller in
      for _ in 0..<20 { pool.run(count: 300) { tallies[caller].add($0) } }
    }
    for tally in tallies { #expect(tally.counts.allSatisfy { $0 == 20 }) }
  }

  @Test(arguments: [1, 2, 7])
  func `jobs that many threads submit all run, on the pool's threads`(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    let tally = Tally(count: 8 * 200)
    onThreads(8) { caller in
      let own = pthread_self()
      for job in 0..<200 {
        pool.submit {
          if pthread_equal(pthread_self(), own) == 0 { tally.add(caller * 200 + job) }
        }
      }
    }
    tally.wait(for: 8 * 200)
    #expect(tally.counts.allSatisfy { $0 == 1 })
  }

  @Test func `a submitted job may share out work while all threads are busy`() {
    let pool = WorkerPool(threadCount: 2)
    let tally = Tally(count: 400)
    for job in 0..<40 {
      pool.submit { pool.run(count: 10) { tally.add(job * 10 + $0) } }
    }
    tally.wait(for: 400)
    #expect(tally.counts.allSatisfy { $0 == 1 })
  }

  @Test func `a pool may be released while idle or with jobs waiting`() {
    let tally = Tally(count: 100)
    for index in 0..<50 {
      let pool = WorkerPool(threadCount: 3)
      pool.run(count: 2) { _ in }
      pool.submit { tally.add(index) }
      // The last reference may also be a job's own.
      pool.submit { [pool] in
        withExtendedLifetime(pool) { tally.add(50 + index) }
      }
    }
    tally.wait(for: 100)
    #expect(tally.counts.allSatisfy { $0 == 1 })
  }

  @Test func `a released pool ends its threads`() throws {
    let before = try threadCount()
    for _ in 0..<20 { WorkerPool(threadCount: 4).run(count: 8) { _ in } }
    for _ in 0..<500 where try threadCount() > before + 20 { usleep(10_000) }
    #expect(try threadCount() <= before + 20)
  }

  /// Threads of this process; other tests may have some of them.
  private func threadCount() throws -> Int {
    let directory = try #require(opendir("/proc/self/task"))
    defer { closedir(directory) }
    var count = -2
    while readdir(directory) != nil { count += 1 }
    return count
  }
}

/// How often each index was counted. Of atomics, which the thread sanitizer understands: a `Mutex`
/// locks inside the Swift runtime, where it does not look.
private final class Tally: @unchecked Sendable {
  private let times: UnsafeMutablePointer<Atomic<Int>>
  private let count: Int
  private let total = Atomic(0)

  init(count: Int) {
    self.count = count
    times = .allocate(capacity: count)
    for index in 0..<count { (times + index).initialize(to: Atomic(0)) }
  }

  deinit {
    times.deinitialize(count: count)
    times.deallocate()
  }

  func add(_ index: Int) {
    times[index].wrappingAdd(1, ordering: .relaxed)
    total.wrappingAdd(1, ordering: .releasing)
  }

  var counts: [Int] { (0..<count).map { times[$0].load(ordering: .relaxed) } }

  /// Returns once there are `total` counts; the suite's time limit ends a wait that is in vain.
  func wait(for total: Int) {
    while self.total.load(ordering: .acquiring) < total { usleep(1000) }
  }
}
