#if Server
import Testing

@testable import SwiftletServer

@Suite struct EqualSharesTests {
  private let first = ClientID(number: 1)
  private let second = ClientID(number: 2)
  private let third = ClientID(number: 3)

  @Test func `clients have equal shares, and later ones start at the current time`() {
    var shares = EqualShares()
    #expect(shares.add(10, of: first) == 10)
    #expect(shares.add(30, of: second) == 30)
    // Ten for each, and the rest for the one that is not done.
    shares.advance(25)
    #expect(shares.time == 15)
    #expect(shares.add(4, of: first) == 19)
    // Two clients have half as much each.
    shares.advance(4)
    #expect(shares.time == 17)
    #expect(shares.add(1, of: third) == 18)
  }

  @Test func `a client's next request queues behind its last one`() {
    var shares = EqualShares()
    #expect(shares.add(10, of: first) == 10)
    #expect(shares.add(100, of: second) == 100)
    shares.advance(10)
    #expect(shares.time == 5)
    #expect(shares.add(10, of: first) == 20)
    shares.remove(10, of: first)
    #expect(shares.add(1, of: first) == 11)
  }

  @Test func `idle time and removed requests do not advance the clock`() {
    var shares = EqualShares()
    shares.advance(1000)
    #expect(shares.time == 0)
    #expect(shares.add(10, of: first) == 10)
    shares.remove(10, of: first)
    shares.advance(1000)
    #expect(shares.time == 0)
  }
}
#endif
