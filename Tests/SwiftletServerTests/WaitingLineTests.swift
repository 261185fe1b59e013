#if Server
import SwiftletEncoder
import Testing

@testable import SwiftletServer

@Suite("What the next pass takes")
struct WaitingLineTests {
  private func ids(_ pass: [QueueEntry]) -> [Int32] { pass.map { $0.sequence.ids[0] } }

  private func take(_ line: inout WaitingLine, tokens: Int = 512, count: Int = .max) -> [Int32] {
    ids(line.takePass(tokens: tokens, count: count))
  }

  @Test("A client's sequences go in their order, as many as have room")
  func order() {
    var line = WaitingLine()
    line.append(QueuedRequest(client: 1, [(1, 200), (2, 200), (3, 200)]))
    #expect(take(&line) == [1, 2])
    #expect(line.count == 1)
    #expect(take(&line) == [3])
    #expect(take(&line) == [])
    #expect(line.count == 0)
  }

  @Test("A sequence longer than a pass goes by itself")
  func longSequence() {
    var line = WaitingLine()
    line.append(QueuedRequest(client: 1, [(1, 600), (2, 10)]))
    #expect(take(&line) == [1])
    #expect(take(&line) == [2])
  }

  @Test("A short text that comes behind a large batch of another client is in the next pass")
  func shortBehindLong() {
    var line = WaitingLine()
    line.append(
      QueuedRequest(client: 1, (1...32).map { (Int32($0), 256) }))
    #expect(take(&line) == [1, 2])
    line.append(QueuedRequest(client: 2, [(100, 12)]))
    #expect(take(&line).contains(100))
  }

  @Test("Of what is computed, clients get as many tokens each while they wait")
  func shares() {
    var line = WaitingLine()
    line.append(QueuedRequest(client: 1, (0..<100).map { _ in (1, 128) }))
    line.append(QueuedRequest(client: 2, (0..<800).map { _ in (2, 16) }))
    line.append(QueuedRequest(client: 3, (0..<64).map { _ in (3, 300) }))
    var tokens: [Int32: Int] = [:]
    for _ in 0..<40 {
      for entry in line.takePass(tokens: 512, count: .max) {
        tokens[entry.sequence.ids[0], default: 0] += entry.sequence.ids.count
      }
    }
    let most = tokens.values.max() ?? 0
    let fewest = tokens.values.min() ?? 0
    #expect(tokens.count == 3)
    // A round, and what the one with the longest has left of its credit.
    #expect(most - fewest <= WaitingLine.quantum + 300, "\(tokens)")
  }

  @Test("A long text is not passed over for ever by short ones")
  func longAmongShort() {
    var line = WaitingLine()
    line.append(QueuedRequest(client: 1, [(1, 500)]))
    var passes = 0
    var client: UInt64 = 2
    while line.count > 0, passes < 20 {
      for _ in 0..<40 {
        line.append(QueuedRequest(client: client, [(2, 20)]))
        client += 1
      }
      passes += 1
      if take(&line).contains(1) { break }
    }
    #expect(passes < 12)
  }

  @Test("A pass has rows of one kind")
  func kinds() {
    var line = WaitingLine()
    line.append(QueuedRequest(client: 1, kind: .tokens, [(1, 5)]))
    line.append(QueuedRequest(client: 2, [(2, 5)]))
    line.append(QueuedRequest(client: 3, kind: .tokens, [(3, 5)]))
    #expect(take(&line) == [1, 3])
    #expect(take(&line) == [2])
  }

  @Test("A pass has no more inputs than it may")
  func inputs() {
    var line = WaitingLine()
    line.append(QueuedRequest(client: 1, (1...5).map { (Int32($0), 2) }))
    #expect(take(&line, count: 2) == [1, 2])
    #expect(take(&line, count: 2) == [3, 4])
    #expect(take(&line, count: 2) == [5])
  }

  @Test("What is removed is never taken")
  func removal() {
    var line = WaitingLine()
    let first = QueuedRequest(client: 1, [(1, 5), (1, 5)])
    let second = QueuedRequest(client: 1, [(2, 5)])
    line.append(first)
    line.append(second)
    line.remove(first, dropped: first.fail(.departed))
    #expect(line.count == 1)
    #expect(take(&line) == [2])
    line.append(QueuedRequest(client: 2, [(3, 5)]))
    #expect(take(&line) == [3])
  }

  @Test("Every sequence is taken exactly once, whatever comes in whatever order")
  func conservation() {
    var generator = SystemRandomNumberGenerator()
    var line = WaitingLine()
    var added = 0
    var taken: Set<ObjectIdentifier> = []
    var entries: [QueueEntry] = []
    for round in 0..<300 {
      if round < 200 {
        let count = Int.random(in: 1...8, using: &generator)
        line.append(
          QueuedRequest(
            client: UInt64.random(in: 1...9, using: &generator),
            kind: Bool.random(using: &generator) ? .tokens : .pooled,
            (0..<count).map { _ in (1, Int.random(in: 1...520, using: &generator)) }))
        added += count
      }
      let pass = line.takePass(tokens: 512, count: 16)
      let tokens = pass.reduce(0) { $0 + $1.sequence.ids.count }
      #expect(pass.count <= 1 || tokens <= 512)
      #expect(pass.count <= 16)
      entries += pass
    }
    while line.count > 0 { entries += line.takePass(tokens: 512, count: 16) }
    for entry in entries { taken.insert(ObjectIdentifier(entry.request)) }
    #expect(entries.count == added)
    for request in taken {
      let own = entries.filter { ObjectIdentifier($0.request) == request }.map(\.index)
      #expect(own == Array(0..<own.count))
    }
  }
}
#endif
