#if Server
import SwiftletEncoder
import Synchronization

/// Decides which sequences the next pass computes, for all models of a server.
///
/// A thread that becomes free forms the next pass from the sequences that wait; no sequence waits
/// for others to fill a batch. Each pass runs on one of the engine's threads, so Swift's
/// cooperative threads are never blocked, and all free threads help a pass that runs alone. One
/// thread never starts a pass of a long sequence and only helps with those, so that a short text
/// does not wait for their end.
final class PassScheduler: Sendable {
  private struct State {
    var waiting = ModelQueues()
    var workers = 0
    /// Running passes of a single long sequence.
    var longPasses = 0
    var isStopped = false
  }

  private struct Pass {
    let engine: PassEngine
    let entries: [QueueEntry]
    let isLong: Bool
  }

  let limits: InferenceQueue.Limits
  private let submit: @Sendable (@escaping @Sendable () -> Void) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - limits: The limits of admission and packing.
  ///   - submit: Runs a closure on one of the threads that compute.
  init(
    limits: InferenceQueue.Limits,
    submit: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) {
    self.limits = limits
    self.submit = submit
  }

  func add(_ engine: PassEngine) { state.withLock { $0.waiting.add(engine) } }

  /// Removes an engine, which must not have waiting sequences.
  func remove(_ engine: PassEngine) { state.withLock { $0.waiting.remove(engine) } }

  /// Drops a request's waiting sequences, now or when it arrives; its task gets `error`. A running
  /// pass continues.
  func cancel(_ request: QueuedRequest, _ error: ServerError, of engine: PassEngine) {
    let wakeUp = state.withLock { state in drop(request, error, of: engine, from: &state) }
    wakeUp?()
  }

  /// Ends all waiting and later requests with ``ServerError/stopping``. Running passes continue.
  func stop() {
    let wakeUps = state.withLock { state in
      state.isStopped = true
      return state.waiting.requests(before: .now).compactMap { engine, request in
        drop(request, .stopping, of: engine, from: &state)
      }
    }
    for wakeUp in wakeUps { wakeUp() }
  }

  /// Computes a request's sequences; resumes `continuation` with their rows or with an error.
  func enqueue(
    _ request: QueuedRequest, _ continuation: QueuedRequest.Continuation, for engine: PassEngine
  ) {
    var wakeUp: WakeUp?
    let needsWorker = state.withLock { state in
      request.continuation = continuation
      if state.isStopped { _ = request.fail(.stopping) }
      guard request.failure == nil else {
        // Cancelled before it arrived: it is not in the queue.
        engine.release(request.sequences.count)
        wakeUp = request.takeWakeUp()
        return false
      }
      state.waiting.append(request, to: engine)
      engine.metrics.queueSize(state.waiting.count(of: engine))
      return addWorker(&state)
    }
    wakeUp?()
    if needsWorker { submit { [self] in work() } }
  }

  /// Ends a request and removes its waiting sequences. Requires the lock.
  private func drop(
    _ request: QueuedRequest, _ error: ServerError, of engine: PassEngine,
    from state: inout State
  ) -> WakeUp? {
    guard request.continuation != nil else {
      // Not arrived yet, or already answered.
      _ = request.fail(error)
      return nil
    }
    state.waiting.remove(request, from: engine)
    engine.release(request.fail(error))
    engine.metrics.queueSize(state.waiting.count(of: engine))
    return request.takeWakeUp()
  }

  // MARK: On the threads that compute

  /// Maximum number of passes of a long sequence at the same time.
  private var maxLongPasses: Int { max(1, limits.workers - 1) }

  /// Counts one more worker if there is work for it; returns whether it did.
  private func addWorker(_ state: inout State) -> Bool {
    guard state.workers < limits.workers, state.waiting.count > 0,
      state.longPasses < maxLongPasses || state.waiting.hasSequence(ofAtMost: limits.passTokens)
    else { return false }
    state.workers += 1
    return true
  }

  private func work() {
    var last: Pass?
    while let pass = takePass(after: last) {
      run(pass.entries, by: pass.engine)
      last = pass
    }
  }

  /// The next pass of a thread after `last`. If there is none, returns nil and counts one worker
  /// less.
  private func takePass(after last: Pass?) -> Pass? {
    var wakeUps: [WakeUp] = []
    let (pass, needsHelp) = state.withLock { state -> (Pass?, Bool) in
      if last?.isLong == true { state.longPasses -= 1 }
      // A request that has begun does not expire.
      for (engine, request) in state.waiting.requests(before: .now - limits.timeout)
      where !request.hasBegun {
        let error = ServerError.expired(seconds: limits.timeout / .seconds(1))
        if let wakeUp = drop(request, error, of: engine, from: &state) { wakeUps.append(wakeUp) }
      }
      let next = state.waiting.takePass(
        tokens: limits.passTokens, count: limits.passInputs,
        takesLong: state.longPasses < maxLongPasses)
      guard let (engine, entries) = next else {
        state.workers -= 1
        return (nil, false)
      }
      engine.metrics.queueSize(state.waiting.count(of: engine))
      let isLong = entries[0].sequence.ids.count > limits.passTokens
      if isLong { state.longPasses += 1 }
      return (Pass(engine: engine, entries: entries, isLong: isLong), addWorker(&state))
    }
    for wakeUp in wakeUps { wakeUp() }
    if needsHelp { submit { [self] in work() } }
    return pass
  }

  private func run(_ entries: [QueueEntry], by engine: PassEngine) {
    var batch = PackedBatch()
    for entry in entries { batch.append(entry.sequence) }
    engine.metrics.batchFormed(size: entries.count, tokens: batch.tokenCount)
    let start = ContinuousClock.now
    do throws(ServerError) {
      let rows = try engine.compute(batch, entries[0].request.kind)
      finish(entries, rows, of: batch, start, by: engine)
    } catch {
      // Only the sequence that caused the error must fail.
      guard entries.count == 1 else {
        for entry in entries { run([entry], by: engine) }
        return
      }
      fail(entries[0].request, error, by: engine)
    }
  }

  private func finish(
    _ entries: [QueueEntry], _ rows: [Float], of batch: PackedBatch,
    _ start: ContinuousClock.Instant, by engine: PassEngine
  ) {
    let inferenceTime = ContinuousClock.now - start
    let kind = entries[0].request.kind
    let width = rows.count / (kind == .tokens ? batch.tokenCount : entries.count)
    var wakeUps: [WakeUp] = []
    state.withLock { state in
      for (place, entry) in entries.enumerated() {
        let range = kind == .tokens ? batch.range(place) : place..<place + 1
        let isComplete = entry.request.accept(
          Array(rows[range.lowerBound * width..<range.upperBound * width]), of: entry.index,
          queueTime: start - entry.request.arrival, inferenceTime: inferenceTime)
        if isComplete, let wakeUp = entry.request.takeWakeUp() { wakeUps.append(wakeUp) }
      }
      engine.release(entries.count)
    }
    for wakeUp in wakeUps { wakeUp() }
  }

  /// Ends a request after the pass of one of its sequences failed.
  private func fail(_ request: QueuedRequest, _ error: ServerError, by engine: PassEngine) {
    let wakeUp = state.withLock { state in
      engine.release(1)
      return drop(request, error, of: engine, from: &state)
    }
    wakeUp?()
  }
}
#endif
