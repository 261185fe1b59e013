#if Server
import SwiftletEncoder
import Testing

@testable import SwiftletServer

@Suite(.timeLimit(.minutes(10)))
struct InferenceQueueTests {
  /// Computes a request for which inputs are reserved first.
  private func run(
    _ queue: InferenceQueue, _ request: QueuedRequest
  ) async -> Result<[[Float]], ServerError> {
    do throws(ServerError) {
      try queue.reserve(request.sequences.count)
      return .success(try await queue.rows(of: request).rows)
    } catch {
      return .failure(error)
    }
  }

  private func waitUntil(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test func `every sequence gets its own rows, from however many passes`() async {
    let engine = Engine()
    let queue = engine.makeQueue(.init(workers: 3))
    await withTaskGroup(of: Void.self) { group in
      for client in 0..<40 {
        group.addTask {
          let sequences = (0..<5).map {
            (id: Int32(client * 10 + $0 + 1000), tokens: 1 + client * 3)
          }
          let request = QueuedRequest(client: UInt64(client), sequences)
          let result = await run(queue, request)
          #expect(result == .success(sequences.map { [Float(Int($0.id) * $0.tokens)] }))
        }
      }
    }
    #expect(queue.reserved == 0)
    #expect(engine.mostRunning <= 3)
  }

  @Test func `rows of tokens come one after another`() async {
    let queue = Engine().makeQueue()
    let result = await run(queue, QueuedRequest(client: 1, kind: .tokens, [(5, 2), (6, 3)]))
    #expect(result == .success([[5, 5], [6, 6, 6]]))
  }

  @Test func `a lone request runs at once, and later ones run together`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue()
    async let first = run(queue, QueuedRequest(client: 1, [(1, 3)]))
    await engine.nextPass()
    #expect(engine.passes == [[[1, 1, 1]]])
    async let second = run(queue, QueuedRequest(client: 2, [(2, 1)]))
    async let third = run(queue, QueuedRequest(client: 3, [(3, 1)]))
    try await waitUntil { queue.reserved == 3 }
    // Reserved, and a moment later in the line.
    try await Task.sleep(for: .milliseconds(50))
    engine.letOn(2)
    #expect(await first == .success([[3]]))
    #expect(await second == .success([[2]]))
    #expect(await third == .success([[3]]))
    #expect(engine.passes.count == 2)
    #expect(engine.passes.last?.count == 2)
  }

  @Test func `a request beyond the limit is refused as a whole`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue(.init(concurrentInputs: 3))
    async let first = run(queue, QueuedRequest(client: 1, [(1, 1), (2, 1)]))
    await engine.nextPass()
    #expect(await run(queue, QueuedRequest(client: 2, [(3, 1), (4, 1)])) == .failure(.overloaded))
    #expect(queue.reserved == 2)
    #expect(throws: Never.self) { try queue.reserve(1) }
    #expect(throws: ServerError.overloaded) { try queue.reserve(1) }
    queue.release(1)
    engine.letOn()
    #expect(await first == .success([[1], [2]]))
    #expect(queue.reserved == 0)
  }

  @Test func `a batch that can never be admitted is refused with the limit`() {
    let queue = Engine().makeQueue(.init(concurrentInputs: 3))
    for count in [4, .max] {
      #expect(throws: ServerError.tooManyInputs(count, maximum: 3)) { try queue.reserve(count) }
    }
    #expect(ServerError.tooManyInputs(4, maximum: 3).status == 422)
    #expect(queue.reserved == 0)
  }

  @Test func `a short text beside long batches runs before a long pass ends`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue(.init(workers: 2))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 1...8 {
        group.addTask {
          let sequences = (0..<32).map { _ in (id: Int32(client), tokens: 512) }
          #expect(
            await run(queue, QueuedRequest(client: UInt64(client), sequences))
              == .success(Array(repeating: [Float(client * 512)], count: 32)))
        }
      }
      try await waitUntil { queue.reserved == 256 }
      await engine.nextPass()
      async let short = run(queue, QueuedRequest(client: 100, [(100, 12)]))
      // The only pass of long texts is held, and so is this one, which runs beside it.
      await engine.nextPass()
      #expect(engine.passes.map { $0[0][0] }.last == 100)
      #expect(engine.passes.count == 2)
      engine.letOn(257)
      #expect(await short == .success([[1200]]))
      try await group.waitForAll()
    }
    #expect(queue.reserved == 0)
    #expect(engine.mostRunning == 2)
  }

  @Test func `long passes leave one thread free, but a single thread computes them`() async throws {
    for (workers, expected) in [(1, 1), (2, 1), (4, 3)] {
      let engine = Engine(isHeld: true)
      let queue = engine.makeQueue(.init(workers: workers))
      async let batch = run(queue, QueuedRequest(client: 1, (1...9).map { (Int32($0), 300) }))
      for _ in 0..<expected { await engine.nextPass() }
      engine.letOn(9)
      #expect(await batch == .success((1...9).map { [Float($0 * 300)] }))
      #expect(engine.mostRunning == expected)
    }
  }

  @Test func `the queued work of a client that left is never computed`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue()
    async let first = run(queue, QueuedRequest(client: 1, [(1, 1)]))
    await engine.nextPass()
    let request = QueuedRequest(client: 2, [(2, 1), (2, 1)])
    async let gone = run(queue, request)
    async let stays = run(queue, QueuedRequest(client: 3, [(3, 1)]))
    try await waitUntil { queue.reserved == 4 }
    try await Task.sleep(for: .milliseconds(50))
    queue.cancel(request, .departed)
    #expect(await gone == .failure(.departed))
    #expect(queue.reserved == 2)
    engine.letOn(2)
    #expect(await first == .success([[1]]))
    #expect(await stays == .success([[3]]))
    #expect(engine.passes == [[[1]], [[3]]])
    #expect(queue.reserved == 0)
  }

  @Test func `a request cancelled before it is queued is not computed`() async throws {
    let engine = Engine()
    let queue = engine.makeQueue()
    let request = QueuedRequest(client: 1, [(1, 1), (2, 1)])
    queue.cancel(request, .departed)
    #expect(await run(queue, request) == .failure(.departed))
    #expect(queue.reserved == 0)
    #expect(engine.passes.isEmpty)
  }

  @Test func `a cancelled task returns while its pass goes on`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue()
    let task = Task { await run(queue, QueuedRequest(client: 1, [(1, 1)])) }
    await engine.nextPass()
    task.cancel()
    #expect(await task.value == .failure(.stopping))
    #expect(queue.reserved == 1)
    engine.letOn()
    try await waitUntil { queue.reserved == 0 }
  }

  @Test
  func `a stopped queue refuses waiting and later requests and finishes its passes`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue()
    async let first = run(queue, QueuedRequest(client: 1, [(1, 1)]))
    await engine.nextPass()
    async let second = run(queue, QueuedRequest(client: 1, [(2, 1), (3, 1)]))
    async let third = run(queue, QueuedRequest(client: 2, [(4, 1)]))
    try await waitUntil { queue.reserved == 4 }
    try await Task.sleep(for: .milliseconds(50))
    queue.stop()
    #expect(await second == .failure(.stopping))
    #expect(await third == .failure(.stopping))
    #expect(await run(queue, QueuedRequest(client: 3, [(5, 1)])) == .failure(.stopping))
    #expect(queue.reserved == 1)
    engine.letOn()
    #expect(await first == .success([[1]]))
    #expect(engine.passes == [[[1]]])
    try await waitUntil { queue.reserved == 0 }
  }

  @Test func `a request that times out in the queue is refused with the reason`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue(.init(timeout: .seconds(2)))
    async let first = run(queue, QueuedRequest(client: 1, [(1, 1)]))
    await engine.nextPass()
    async let late = run(queue, QueuedRequest(client: 2, [(2, 1)]))
    try await waitUntil { queue.reserved == 2 }
    try await Task.sleep(for: .milliseconds(2500))
    engine.letOn(2)
    #expect(await first == .success([[1]]))
    #expect(await late == .failure(.expired(seconds: 2)))
    #expect(engine.passes == [[[1]]])
    try await waitUntil { queue.reserved == 0 }
  }

  @Test func `a started request does not time out`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue(.init(passInputs: 1, timeout: .seconds(2)))
    async let batch = run(queue, QueuedRequest(client: 1, [(1, 1), (2, 1), (3, 1)]))
    await engine.nextPass()
    try await Task.sleep(for: .milliseconds(2500))
    engine.letOn(3)
    #expect(await batch == .success([[1], [2], [3]]))
  }

  @Test func `a failed pass fails only the request that caused it`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue()
    async let first = run(queue, QueuedRequest(client: 1, [(1, 1)]))
    await engine.nextPass()
    async let bad = run(queue, QueuedRequest(client: 2, [(2, 1), (Engine.poison, 1), (4, 1)]))
    async let good = run(queue, QueuedRequest(client: 3, [(3, 1)]))
    try await waitUntil { queue.reserved == 5 }
    try await Task.sleep(for: .milliseconds(50))
    // The first pass, the one of all four, and one for each.
    engine.letOn(6)
    #expect(await first == .success([[1]]))
    #expect(await bad == .failure(.backend("poisoned")))
    #expect(await good == .success([[3]]))
    try await waitUntil { queue.reserved == 0 }
  }

  @Test func `a failed request drops its waiting sequences`() async throws {
    let engine = Engine()
    let queue = engine.makeQueue(.init(passInputs: 1))
    let request = QueuedRequest(client: 1, [(Engine.poison, 1)] + (1...9).map { (Int32($0), 1) })
    #expect(await run(queue, request) == .failure(.backend("poisoned")))
    try await waitUntil { queue.reserved == 0 }
    #expect(engine.passes.count == 1)
  }

  @Test func `a large batch is shared out over all workers`() async throws {
    let engine = Engine(isHeld: true)
    let queue = engine.makeQueue(.init(workers: 2))
    async let batch = run(queue, QueuedRequest(client: 1, (1...4).map { (Int32($0), 150) }))
    await engine.nextPass()
    await engine.nextPass()
    #expect(engine.mostRunning == 2)
    engine.letOn(4)
    #expect(await batch == .success((1...4).map { [Float($0 * 150)] }))
  }
}
#endif
