#if Server
import Testing

@testable import SwiftletServer

@Suite struct BodyBudgetTests {
  private let budget = BodyBudget()

  @Test func `long bodies are admitted while there is room, short ones always`() throws {
    let size = 2_000_000
    let shares = try (0..<BodyBudget.limits.long / size).map { _ in
      let share = budget.makeShare()
      try share.announce(size)
      try share.grow(to: size)
      return share
    }
    let next = budget.makeShare()
    #expect(throws: ServerError.tooManyBodies) { try next.announce(size) }
    #expect(throws: ServerError.tooManyBodies) { try next.grow(to: size) }
    try next.announce(BodyBudget.maxShort)
    try next.grow(to: BodyBudget.maxShort)
    #expect(budget.used == shares.count * size + BodyBudget.maxShort)
    #expect(ServerError.tooManyBodies.status == 429)
  }

  @Test func `a body counts as it arrives and is released with its request`() throws {
    do {
      let share = budget.makeShare()
      try share.announce(2_000_000)
      #expect(budget.used == 0, "what was announced has not come")
      for bytes in [1, 60_000, 65_536, 65_537, 200_000] {
        try share.grow(to: bytes)
        #expect(budget.used == bytes)
      }
    }
    #expect(budget.used == 0)
  }

  @Test func `a body without room keeps its share until its request ends`() throws {
    let large = budget.makeShare()
    try large.grow(to: BodyBudget.limits.long - 100_000)
    var small: BodyBudget.Share? = budget.makeShare()
    try small?.grow(to: 90_000)
    #expect(throws: ServerError.tooManyBodies) { try small?.grow(to: 110_000) }
    #expect(budget.used == BodyBudget.limits.long - 10_000)
    small = nil
    try large.grow(to: BodyBudget.limits.long)
  }

  @Test func `the only body is admitted at any size`() throws {
    let share = budget.makeShare()
    let size = 4 * BodyBudget.limits.long
    try share.announce(size)
    for bytes in stride(from: 1 << 20, through: size, by: 1 << 22) { try share.grow(to: bytes) }
    #expect(throws: ServerError.tooManyBodies) { try budget.makeShare().announce(70_000) }
    try budget.makeShare().grow(to: 1000)
  }
}
#endif
