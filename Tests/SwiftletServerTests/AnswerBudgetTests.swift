#if Server
import Testing

@testable import SwiftletServer

@Suite("The memory of long answers")
struct AnswerBudgetTests {
  private let budget = AnswerBudget()

  @Test(
    "Short answers are not counted, and others find room until there is none",
    arguments: [
      (AnswerBudget.mostOrdinary, AnswerBudget.limits.ordinary),
      (AnswerBudget.limits.long / 2, AnswerBudget.limits.long),
    ])
  func bounds(bytes: Int, limit: Int) throws {
    #expect(try budget.share(of: AnswerBudget.mostUncounted) == nil)
    var shares: [AnswerBudget.Share?] = []
    for _ in 0..<(limit / bytes) { shares.append(try budget.share(of: bytes)) }
    #expect(shares.allSatisfy { $0 != nil })
    #expect(throws: ServerError.overloaded) { try budget.share(of: bytes) }
    #expect(try budget.share(of: 10) == nil)
    shares.removeLast()
    #expect(try budget.share(of: bytes) != nil)
  }

  @Test("The only one finds room, whatever its size, and keeps no shorter ones out")
  func largest() throws {
    let share = try budget.share(of: 3 * AnswerBudget.limits.long)
    #expect(throws: ServerError.overloaded) { try budget.share(of: AnswerBudget.mostOrdinary + 1) }
    #expect(try budget.share(of: AnswerBudget.mostOrdinary) != nil)
    withExtendedLifetime(share) {}
  }

  @Test("What an answer does not need is given back before it is sent")
  func shrinking() throws {
    let share = try #require(try budget.share(of: AnswerBudget.limits.long))
    share.shrink(to: AnswerBudget.limits.long / 2)
    share.shrink(to: AnswerBudget.limits.long)
    let other = try budget.share(of: AnswerBudget.limits.long / 2)
    #expect(throws: ServerError.overloaded) { try budget.share(of: AnswerBudget.mostOrdinary + 1) }
    withExtendedLifetime((share, other)) {}
  }
}
#endif
