#if Server
import SwiftletEncoder
import Testing

@testable import SwiftletServer

@Suite struct FairQueueTests {
  private func ids(_ pass: [QueueEntry]) -> [Int32] { pass.map { $0.sequence.ids[0] } }

  private func take(_ line: inout FairQueue, tokens: Int = 512, count: Int = .max) -> [Int32] {
    ids(line.takePass(tokens: tokens, count: count))
  }

  @Test func `a client's sequences leave in order, as many as fit`() {
    var line = FairQueue()
    line.append(QueuedRequest(client: 1, [(1, 200), (2, 200), (3, 200)]))
    #expect(take(&line) == [1, 2])
    #expect(line.count == 1)
    #expect(take(&line) == [3])
    #expect(take(&line) == [])
    #expect(line.count == 0)
  }

  @Test func `a sequence longer than a pass runs alone`() {
    var line = FairQueue()
    line.append(QueuedRequest(client: 1, [(1, 600), (2, 10)]))
    #expect(take(&line) == [1])
    #expect(take(&line) == [2])
  }

  @Test func `a short text behind another client's batch is in the next pass`() {
    var line = FairQueue()
    line.append(
      QueuedRequest(client: 1, (1...32).map { (Int32($0), 256) }))
    #expect(take(&line) == [1, 2])
    line.append(QueuedRequest(client: 2, [(100, 12)]))
    #expect(take(&line).contains(100))
  }

  /// When each request is done, in tokens that were computed until then, if all come before the first
  /// pass.
  private func ends(_ requests: [QueuedRequest]) -> [Int] {
    var line = FairQueue()
    for request in requests { line.append(request) }
    var tokens = 0
    var ends = [ObjectIdentifier: Int]()
    while line.count > 0 {
      let pass = line.takePass(tokens: 192, count: .max)
      tokens += pass.reduce(0) { $0 + $1.sequence.ids.count }
      for entry in pass { ends[ObjectIdentifier(entry.request)] = tokens }
    }
    return requests.map { ends[ObjectIdentifier($0)] ?? .max }
  }

  @Test func `equal batches finish one after another`() {
    let batch = 32 * 24
    let ends = ends(
      (0..<64).map { client in
        QueuedRequest(client: UInt64(client), (0..<32).map { _ in (Int32(client), 24) })
      })
    for (place, end) in ends.enumerated() {
      // The pass that has a batch's last sequences is filled up with those of the next.
      #expect((batch * (place + 1)...batch * (place + 1) + 192).contains(end), "\(place)")
    }
  }

  @Test(arguments: 0..<20)
  func `no request ends later than with equal shares`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    // Each client has one request; the ends of equal shares follow from the sizes alone.
    let requests = (0..<20).map { client in
      QueuedRequest(
        client: UInt64(client),
        (0..<Int.random(in: 1...32, using: &generator)).map { _ in
          (Int32(client), Int.random(in: 2...192, using: &generator))
        })
    }
    let sizes = requests.map(\.waitingTokens)
    for (size, end) in zip(sizes, ends(requests)) {
      let shared = sizes.reduce(0) { $0 + min($1, size) }
      // A quarter may go to the oldest before its turn, and what a pass is filled up with.
      #expect(end <= shared * 4 / 3 + 2 * 192)
    }
  }

  @Test func `a new client's short text is in the next pass, whatever waits`() {
    var line = FairQueue()
    for client in 1...8 {
      line.append(QueuedRequest(client: UInt64(client), (0..<32).map { _ in (Int32(client), 512) }))
    }
    // Behind any number of passes, except where the clients' shares end together: they are as good as
    // done then.
    for client in 100..<340 {
      _ = line.takePass(tokens: 192, count: .max)
      line.append(QueuedRequest(client: UInt64(client), [(Int32(client), 12)]))
      #expect(take(&line, tokens: 192) == [Int32(client)])
    }
  }

  @Test func `a stream of short texts does not starve a long one`() {
    var line = FairQueue()
    line.append(QueuedRequest(client: 1, (0..<8).map { _ in (1, 512) }))
    var tokens = 0
    while line.count > 0, tokens < 1_000_000 {
      line.append(QueuedRequest(client: 2, [(2, 16)]))
      let pass = line.takePass(tokens: 192, count: .max)
      tokens += pass.reduce(0) { $0 + $1.sequence.ids.count }
      if pass.contains(where: { $0.request.client.number == 1 && $0.request.waiting == 0 }) {
        break
      }
    }
    // With equal shares both clients have had as many tokens.
    #expect(tokens <= 2 * 8 * 512 + 512)
  }

  @Test func `the oldest request gets a quarter of the work`() {
    var line = FairQueue()
    line.append(QueuedRequest(client: 1, (0..<8).map { _ in (1, 512) }))
    var tokens = 0
    var client: UInt64 = 2
    var isDone = false
    while !isDone, tokens < 1_000_000 {
      for _ in 0..<20 {
        line.append(QueuedRequest(client: client, [(2, 16)]))
        client += 1
      }
      let pass = line.takePass(tokens: 192, count: .max)
      tokens += pass.reduce(0) { $0 + $1.sequence.ids.count }
      isDone = pass.contains { $0.request.client.number == 1 && $0.request.waiting == 0 }
    }
    #expect(tokens <= 8 * (FairQueue.oldestShare * 512 + 192))
  }

  @Test func `sequences behind one that does not fit go first`() {
    var line = FairQueue()
    line.append(QueuedRequest(client: 1, [(1, 512)]))
    line.append(QueuedRequest(client: 2, (0..<40).map { _ in (2, 24) }))
    #expect(line.hasSequence(ofAtMost: 192))
    for _ in 0..<5 {
      #expect(
        ids(line.takePass(tokens: 192, count: .max, takesLong: false))
          == Array(repeating: 2, count: 8))
    }
    #expect(!line.hasSequence(ofAtMost: 192))
    #expect(line.takePass(tokens: 192, count: .max, takesLong: false).isEmpty)
    #expect(line.count == 1)
    #expect(take(&line, tokens: 192) == [1])
  }

  @Test func `short texts do not overtake a long one for ever`() {
    var line = FairQueue()
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
    // Others have three times as many tokens before it.
    #expect(passes <= 4)
  }

  @Test func `a pass has rows of one kind`() {
    var line = FairQueue()
    line.append(QueuedRequest(client: 1, kind: .tokens, [(1, 5)]))
    line.append(QueuedRequest(client: 2, [(2, 5)]))
    line.append(QueuedRequest(client: 3, kind: .tokens, [(3, 5)]))
    #expect(take(&line) == [1, 3])
    #expect(take(&line) == [2])
  }

  @Test func `a pass has at most the allowed number of inputs`() {
    var line = FairQueue()
    line.append(QueuedRequest(client: 1, (1...5).map { (Int32($0), 2) }))
    #expect(take(&line, count: 2) == [1, 2])
    #expect(take(&line, count: 2) == [3, 4])
    #expect(take(&line, count: 2) == [5])
  }

  @Test func `removed sequences are never taken`() {
    var line = FairQueue()
    let first = QueuedRequest(client: 1, [(1, 5), (1, 5)])
    let second = QueuedRequest(client: 1, [(2, 5)])
    line.append(first)
    line.append(second)
    line.remove(first)
    #expect(line.count == 1)
    #expect(take(&line) == [2])
    line.append(QueuedRequest(client: 2, [(3, 5)]))
    #expect(take(&line) == [3])
  }

  @Test func `every sequence is taken exactly once, in any order of arrival`() {
    var generator = SystemRandomNumberGenerator()
    var line = FairQueue()
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
