#if Server
import Testing

@testable import SwiftletServer

@Suite("The memory of long answers")
struct AnswerBudgetTests {
  @Test("Short answers are not counted, and long ones find room until there is none")
  func bounds() throws {
    let budget = AnswerBudget()
    #expect(try budget.share(of: AnswerBudget.mostUncounted) == nil)
    let half = AnswerBudget.limit / 2
    var shares = [try budget.share(of: half), try budget.share(of: half)]
    #expect(shares.allSatisfy { $0 != nil })
    #expect(throws: ServerError.overloaded) { try budget.share(of: half) }
    #expect(try budget.share(of: 10) == nil)
    shares.removeLast()
    #expect(try budget.share(of: half) != nil)
  }

  @Test("The only one finds room, whatever its size")
  func largest() throws {
    let budget = AnswerBudget()
    let share = try budget.share(of: 2 * AnswerBudget.limit)
    #expect(throws: ServerError.overloaded) { try budget.share(of: 100_000) }
    withExtendedLifetime(share) {}
  }
}
#endif
