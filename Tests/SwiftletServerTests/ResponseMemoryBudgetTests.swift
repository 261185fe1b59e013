#if Server
import Synchronization
import Testing

@testable import SwiftletServer

@Suite struct ResponseMemoryBudgetTests {
  private let budget = ResponseMemoryBudget()

  @Test(arguments: [
    (ResponseMemoryBudget.maxOrdinary, ResponseMemoryBudget.limits.ordinary),
    (ResponseMemoryBudget.limits.long / 2, ResponseMemoryBudget.limits.long),
  ])
  func `Short answers are not counted, and others find room until there is none`(
    bytes: Int, limit: Int
  ) throws {
    #expect(try budget.share(of: ResponseMemoryBudget.maxUncounted, abort: {}) == nil)
    var shares: [ResponseMemoryBudget.Share?] = []
    for _ in 0..<(limit / bytes) { shares.append(try budget.share(of: bytes, abort: {})) }
    #expect(shares.allSatisfy { $0 != nil })
    #expect(throws: ServerError.overloaded) { try budget.share(of: bytes, abort: {}) }
    #expect(try budget.share(of: 10, abort: {}) == nil)
    shares.removeLast()
    #expect(try budget.share(of: bytes, abort: {}) != nil)
  }

  @Test
  func `The only one finds room, whatever its size, and keeps no shorter ones out`() throws {
    let share = try budget.share(of: 3 * ResponseMemoryBudget.limits.long, abort: {})
    #expect(throws: ServerError.overloaded) {
      try budget.share(of: ResponseMemoryBudget.maxOrdinary + 1, abort: {})
    }
    #expect(try budget.share(of: ResponseMemoryBudget.maxOrdinary, abort: {}) != nil)
    withExtendedLifetime(share) {}
  }

  @Test
  func `What an answer does not need is given back before it is sent`() throws {
    let share = try #require(try budget.share(of: ResponseMemoryBudget.limits.long, abort: {}))
    share.shrink(to: ResponseMemoryBudget.limits.long / 2)
    share.shrink(to: ResponseMemoryBudget.limits.long)
    let other = try budget.share(of: ResponseMemoryBudget.limits.long / 2, abort: {})
    #expect(throws: ServerError.overloaded) {
      try budget.share(of: ResponseMemoryBudget.maxOrdinary + 1, abort: {})
    }
    withExtendedLifetime((share, other)) {}
  }

  @Test func `clients that do not read are dropped, longest first, only without room`() throws {
    let start = ContinuousClock.now
    let size = ResponseMemoryBudget.limits.long / 12
    let aborted = Mutex<[Int]>([])
    var shares: [ResponseMemoryBudget.Share?] = []
    for client in 0..<12 {
      shares.append(
        try budget.share(of: size, at: start) { aborted.withLock { $0.append(client) } })
    }
    // The first is not sent yet, the last is taken all the time.
    for client in 1..<12 { shares[client]?.progress(start + .milliseconds(client)) }
    let later = start + ResponseMemoryBudget.stallTimeout + .milliseconds(100)
    shares[11]?.progress(later)
    #expect(throws: ServerError.overloaded) {
      try budget.share(of: size, at: start + .seconds(1), abort: {})
    }
    #expect(aborted.withLock { $0 } == [])
    let reader = try budget.share(of: size, at: later, abort: {})
    #expect(reader != nil)
    #expect(aborted.withLock { $0 } == [1])
    // What gave way gives nothing back a second time.
    shares[1] = nil
    let large = try budget.share(of: 3 * size, at: later, abort: {})
    #expect(aborted.withLock { $0 } == [1, 2, 3, 4])
    #expect(throws: ServerError.overloaded) {
      try budget.share(of: 8 * size, at: later, abort: {})
    }
    #expect(aborted.withLock { $0 } == [1, 2, 3, 4])
    withExtendedLifetime((shares, reader, large)) {}
  }
}
#endif
