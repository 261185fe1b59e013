#if Server
import SwiftletEncoder
import Testing

@testable import SwiftletServer

@Suite struct ModelQueuesTests {
  private static func engine(tokenCost: Double = 1) -> PassEngine {
    Engine().makePassEngine(tokenCost: tokenCost)
  }

  private func queues(_ engines: [PassEngine]) -> ModelQueues {
    var queues = ModelQueues()
    for engine in engines { queues.add(engine) }
    return queues
  }

  /// The next pass; there must be one.
  private func nextPass(
    _ queues: inout ModelQueues, tokens: Int = 100
  ) throws -> (engine: PassEngine, entries: [QueueEntry]) {
    let pass = queues.takePass(tokens: tokens, count: 32)
    return try #require(pass)
  }

  /// Requests of `count` clients, each with one sequence.
  private func burst(_ count: Int, tokens: Int, of engine: PassEngine, in queues: inout ModelQueues)
  {
    for client in 0..<count {
      queues.append(QueuedRequest(client: UInt64(client), [(1, tokens)]), to: engine)
    }
  }

  @Test func `a burst of one model delays the first text of another by one pass`() throws {
    let (busy, calm) = (Self.engine(), Self.engine())
    var queues = queues([busy, calm])
    burst(500, tokens: 100, of: busy, in: &queues)
    let first = try nextPass(&queues, tokens: 200)
    #expect(first.engine === busy)
    queues.append(QueuedRequest(client: 1000, [(2, 10)]), to: calm)
    let next = try nextPass(&queues, tokens: 200)
    #expect(next.engine === calm)
    #expect(next.entries.count == 1)
  }

  @Test func `a pass has sequences of one model only`() throws {
    let engines = (0..<3).map { _ in Self.engine() }
    var queues = queues(engines)
    for engine in engines { burst(7, tokens: 3, of: engine, in: &queues) }
    #expect(queues.count == 21)
    var taken = 0
    while let (engine, entries) = queues.takePass(tokens: 12, count: 32) {
      let place = try #require(engines.firstIndex { $0 === engine })
      taken += entries.count
      #expect(entries.count <= 4)
      #expect(queues.count(of: engines[place]) >= 0)
    }
    #expect(taken == 21 && queues.count == 0)
  }

  @Test(arguments: [1.0, 2, 5])
  func `busy models get equal shares, counted in tokens times their cost`(cost: Double) throws {
    let (cheap, dear) = (Self.engine(), Self.engine(tokenCost: cost))
    var queues = queues([cheap, dear])
    burst(1200, tokens: 10, of: cheap, in: &queues)
    burst(1200, tokens: 10, of: dear, in: &queues)
    var spent = (cheap: 0.0, dear: 0.0)
    for _ in 0..<60 {
      let (engine, entries) = try nextPass(&queues)
      let tokens = Double(entries.reduce(0) { $0 + $1.sequence.ids.count })
      if engine === cheap { spent.cheap += tokens } else { spent.dear += tokens * cost }
    }
    // Never apart by more than a pass of each.
    #expect(abs(spent.cheap - spent.dear) <= 100 * (1 + cost))
  }

  @Test func `an idle model saves up no share`() throws {
    let (busy, idle) = (Self.engine(), Self.engine())
    var queues = queues([busy, idle])
    burst(400, tokens: 10, of: busy, in: &queues)
    for _ in 0..<20 {
      let pass = try nextPass(&queues)
      #expect(pass.engine === busy)
    }
    burst(200, tokens: 10, of: idle, in: &queues)
    var turns = 0
    for _ in 0..<10 {
      let pass = try nextPass(&queues)
      if pass.engine === busy { turns += 1 }
    }
    #expect(turns >= 4)
  }

  @Test func `a model whose next sequence is too long for the thread lets another go first`() throws
  {
    let (long, short) = (Self.engine(), Self.engine())
    var queues = queues([long, short])
    burst(1, tokens: 500, of: long, in: &queues)
    burst(1, tokens: 5, of: short, in: &queues)
    let pass = queues.takePass(tokens: 192, count: 32, takesLong: false)
    #expect(try #require(pass).engine === short)
    let none = queues.takePass(tokens: 192, count: 32, takesLong: false)
    #expect(none == nil)
    let last = try nextPass(&queues, tokens: 192)
    #expect(last.engine === long)
  }

  @Test func `a removed request is in no later pass, and an unknown engine takes none`() {
    let (engine, other) = (Self.engine(), Self.engine())
    var queues = queues([engine])
    let request = QueuedRequest(client: 1, [(1, 5), (2, 5)])
    queues.append(request, to: engine)
    queues.append(QueuedRequest(client: 2, [(1, 5)]), to: other)
    #expect(queues.count == 2 && queues.count(of: other) == 0)
    queues.remove(request, from: engine)
    let none = queues.takePass(tokens: 100, count: 10)
    #expect(queues.count == 0 && none == nil)
    queues.remove(engine)
    queues.append(request, to: engine)
    #expect(queues.count == 0)
  }

  @Test(.timeLimit(.minutes(10)))
  func `a model whose places are all taken refuses its own requests only`() async throws {
    let engine = Engine(isHeld: true)
    let scheduler = PassScheduler(limits: .init(concurrentInputs: 4, workers: 1)) { work in
      Task.detached { work() }
    }
    let full = InferenceQueue(scheduler, engine.makePassEngine())
    let free = InferenceQueue(scheduler, engine.makePassEngine())
    try full.reserve(4)
    #expect(throws: ServerError.overloaded) { try full.reserve(1) }
    try free.reserve(4)
    #expect(full.reserved == 4 && free.reserved == 4)
    full.release(4)
    free.release(4)
    #expect(full.reserved == 0 && free.reserved == 0)
  }
}
#endif
