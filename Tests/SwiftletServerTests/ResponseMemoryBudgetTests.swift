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
  func `short answers are free, longer ones fit until the budget is spent`(
    bytes: Int, limit: Int
  ) throws {
    #expect(try budget.share(of: ResponseMemoryBudget.maxUncounted, giveUp: {}) == nil)
    var shares: [ResponseMemoryBudget.Share?] = []
    for _ in 0..<(limit / bytes) { shares.append(try budget.share(of: bytes, giveUp: {})) }
    #expect(shares.allSatisfy { $0 != nil })
    #expect(throws: ServerError.overloaded) { try budget.share(of: bytes, giveUp: {}) }
    #expect(try budget.share(of: 10, giveUp: {}) == nil)
    shares.removeLast()
    #expect(try budget.share(of: bytes, giveUp: {}) != nil)
  }

  @Test func `the only answer fits at any size and leaves room for short ones`() throws {
    let share = try budget.share(of: 3 * ResponseMemoryBudget.limits.long, giveUp: {})
    #expect(throws: ServerError.overloaded) {
      try budget.share(of: ResponseMemoryBudget.maxOrdinary + 1, giveUp: {})
    }
    #expect(try budget.share(of: ResponseMemoryBudget.maxOrdinary, giveUp: {}) != nil)
    withExtendedLifetime(share) {}
  }

  @Test func `an answer releases unused memory before it is sent`() throws {
    let share = try #require(try budget.share(of: ResponseMemoryBudget.limits.long, giveUp: {}))
    share.shrink(to: ResponseMemoryBudget.limits.long / 2)
    share.shrink(to: ResponseMemoryBudget.limits.long)
    let other = try budget.share(of: ResponseMemoryBudget.limits.long / 2, giveUp: {})
    #expect(throws: ServerError.overloaded) {
      try budget.share(of: ResponseMemoryBudget.maxOrdinary + 1, giveUp: {})
    }
    withExtendedLifetime((share, other)) {}
  }

  @Test func `clients that do not read are dropped, longest first, only without room`() throws {
    let start = ContinuousClock.now
    let size = ResponseMemoryBudget.limits.long / 12
    let givenUp = Mutex<[Int]>([])
    var shares: [ResponseMemoryBudget.Share?] = []
    for client in 0..<12 {
      shares.append(
        try budget.share(of: size, at: start) { givenUp.withLock { $0.append(client) } })
    }
    // The first is not sent yet, the last is taken all the time.
    for client in 1..<12 { shares[client]?.progress(start + .milliseconds(client)) }
    let later = start + ResponseMemoryBudget.patience + .milliseconds(100)
    shares[11]?.progress(later)
    #expect(throws: ServerError.overloaded) {
      try budget.share(of: size, at: start + .seconds(1), giveUp: {})
    }
    #expect(givenUp.withLock { $0 } == [])
    let reader = try budget.share(of: size, at: later, giveUp: {})
    #expect(reader != nil)
    #expect(givenUp.withLock { $0 } == [1])
    // What gave way gives nothing back a second time.
    shares[1] = nil
    let large = try budget.share(of: 3 * size, at: later, giveUp: {})
    #expect(givenUp.withLock { $0 } == [1, 2, 3, 4])
    #expect(throws: ServerError.overloaded) {
      try budget.share(of: 8 * size, at: later, giveUp: {})
    }
    #expect(givenUp.withLock { $0 } == [1, 2, 3, 4])
    withExtendedLifetime((shares, reader, large)) {}
  }
}
#endif
