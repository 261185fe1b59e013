#if Server
import SwiftletEncoder
import Synchronization

/// The queue between requests and engine: decides which sequences the next pass computes.
///
/// Passes are formed while the engine is busy, of what waits; nothing ever waits for company. At most
/// as many passes run at the same time as the engine has threads, each on one of the engine's own, so
/// that Swift's cooperative threads are never blocked; a lone pass is helped by all of them. One of the
/// threads takes no pass of a long sequence but only helps with those, so that a short text need not
/// wait until one of them is done.
final class InferenceQueue: Sendable {
  struct Limits: Sendable {
    /// Inputs that may wait or be computed.
    var concurrentInputs = 512
    /// Tokens of a pass, except for a single longer sequence: as many as keep a thread's rows
    /// in its cache. More would make a short text wait longer for the long ones beside it, and answers
    /// come in larger swarms.
    var passTokens = 192
    /// Inputs of a pass.
    var passInputs = Int.max
    /// Passes at the same time.
    var workers = 1
    /// How long a request may wait until the first of its inputs is computed.
    var timeout = Duration.seconds(30)
  }

  /// The rows of a batch, one after another, or an error that concerns any of its sequences.
  typealias Compute = @Sendable (PackedBatch, RowKind) throws(ServerError) -> [Float]

  private struct State {
    var waiting = FairQueue()
    /// Inputs that were let in and have no answer yet.
    var reserved = 0
    var workers = 0
    /// Passes of a single sequence longer than a pass, which are computed now.
    var longPasses = 0
    var isStopped = false
  }

  private struct Pass {
    let entries: [QueueEntry]
    let isLong: Bool
  }

  private let limits: Limits
  private let metrics: ServerMetrics
  private let submit: @Sendable (@escaping @Sendable () -> Void) -> Void
  private let compute: Compute
  private let state = Mutex(State())

  /// - Parameters:
  ///   - limits: What is let in, and how it is packed.
  ///   - metrics: Told about every batch and every input that is dropped.
  ///   - submit: Runs a piece of work on one of the engine's threads.
  ///   - compute: Called on those threads, several at once.
  init(
    limits: Limits, metrics: ServerMetrics,
    submit: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
    compute: @escaping Compute
  ) {
    self.limits = limits
    self.metrics = metrics
    self.submit = submit
    self.compute = compute
  }

  /// Inputs that were let in and have no answer yet.
  var reserved: Int { state.withLock { $0.reserved } }

  /// Lets inputs in, or refuses them at once: before anything is tokenized or kept for them.
  ///
  /// - Throws: ``ServerError/overloaded``, or ``ServerError/tooManyInputs(_:maximum:)`` if they would
  ///   never be let in. Otherwise the inputs are given back by ``rows(of:)``, which takes as many, or by
  ///   ``release(_:)``.
  func reserve(_ count: Int) throws(ServerError) {
    guard count <= limits.concurrentInputs else {
      throw .tooManyInputs(count, maximum: limits.concurrentInputs)
    }
    let isGranted = state.withLock { state in
      guard count <= limits.concurrentInputs - state.reserved else { return false }
      state.reserved += count
      return true
    }
    if !isGranted { throw .overloaded }
  }

  /// Gives back inputs that never reached the queue.
  func release(_ count: Int) { state.withLock { $0.reserved -= count } }

  /// The rows of a request's sequences, for which inputs were reserved.
  ///
  /// - Throws: ``ServerError/expired(seconds:)``, ``ServerError/stopping`` if the task is cancelled,
  ///   what ``cancel(_:_:)`` was given, or the engine's error.
  func rows(of request: QueuedRequest) async throws(ServerError) -> QueueAnswer {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { enqueue(request, $0) }
    } onCancel: {
      cancel(request, .stopping)
    }
    return try result.get()
  }

  /// Drops the waiting sequences of a request, now or when it arrives; its task gets `error`. A pass
  /// that has begun goes on.
  func cancel(_ request: QueuedRequest, _ error: ServerError) {
    let wakeUp = state.withLock { state in drop(request, error, from: &state) }
    wakeUp?()
  }

  /// Ends all waiting and later requests with ``ServerError/stopping``. Passes that have begun
  /// go on.
  func stop() {
    let wakeUps = state.withLock { state in
      state.isStopped = true
      return state.waiting.requests(before: .now).compactMap { request in
        drop(request, .stopping, from: &state)
      }
    }
    for wakeUp in wakeUps { wakeUp() }
  }

  private func enqueue(_ request: QueuedRequest, _ continuation: QueuedRequest.Continuation) {
    var wakeUp: WakeUp?
    let needsWorker = state.withLock { state in
      request.continuation = continuation
      if state.isStopped { _ = request.fail(.stopping) }
      guard request.failure == nil else {
        // Cancelled before it came: nothing of it is in the line.
        state.reserved -= request.sequences.count
        wakeUp = request.takeWakeUp()
        return false
      }
      state.waiting.append(request)
      metrics.queueSize(state.waiting.count)
      return addWorker(&state)
    }
    wakeUp?()
    if needsWorker { submit { [self] in work() } }
  }

  /// Ends a request; what of it waits leaves the line. Only with the lock.
  private func drop(
    _ request: QueuedRequest, _ error: ServerError, from state: inout State
  ) -> WakeUp? {
    guard request.continuation != nil else {
      // Not there yet, or answered already.
      _ = request.fail(error)
      return nil
    }
    state.waiting.remove(request)
    state.reserved -= request.fail(error)
    metrics.queueSize(state.waiting.count)
    return request.takeWakeUp()
  }

  // MARK: On the engine's threads

  /// Passes of a long sequence that may be computed at the same time.
  private var maxLongPasses: Int { max(1, limits.workers - 1) }

  /// Whether one more thread should work; it counts as one that does from now on.
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
      run(pass.entries)
      last = pass
    }
  }

  /// The next pass, after this thread's last one; nil if nothing waits that it may compute, and then it
  /// no longer works.
  private func takePass(after last: Pass?) -> Pass? {
    var wakeUps: [WakeUp] = []
    let (pass, needsHelp) = state.withLock { state -> (Pass?, Bool) in
      if last?.isLong == true { state.longPasses -= 1 }
      // What has begun is not thrown away: it waits for no more than its own rest.
      for request in state.waiting.requests(before: .now - limits.timeout) where !request.hasBegun {
        let error = ServerError.expired(seconds: limits.timeout / .seconds(1))
        if let wakeUp = drop(request, error, from: &state) { wakeUps.append(wakeUp) }
      }
      let entries = state.waiting.takePass(
        tokens: limits.passTokens, count: limits.passInputs,
        takesLong: state.longPasses < maxLongPasses)
      guard let first = entries.first else {
        state.workers -= 1
        return (nil, false)
      }
      metrics.queueSize(state.waiting.count)
      let isLong = first.sequence.ids.count > limits.passTokens
      if isLong { state.longPasses += 1 }
      return (Pass(entries: entries, isLong: isLong), addWorker(&state))
    }
    for wakeUp in wakeUps { wakeUp() }
    if needsHelp { submit { [self] in work() } }
    return pass
  }

  private func run(_ entries: [QueueEntry]) {
    var batch = PackedBatch()
    for entry in entries { batch.append(entry.sequence) }
    metrics.batchFormed(size: entries.count, tokens: batch.tokenCount)
    let start = ContinuousClock.now
    do throws(ServerError) {
      let rows = try compute(batch, entries[0].request.kind)
      finish(entries, rows, of: batch, start)
    } catch {
      // Only the sequence that caused the error must fail.
      guard entries.count == 1 else {
        for entry in entries { run([entry]) }
        return
      }
      fail(entries[0].request, error)
    }
  }

  private func finish(
    _ entries: [QueueEntry], _ rows: [Float], of batch: PackedBatch,
    _ start: ContinuousClock.Instant
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
      state.reserved -= entries.count
    }
    for wakeUp in wakeUps { wakeUp() }
  }

  /// Ends a request of which one sequence was in a pass that failed.
  private func fail(_ request: QueuedRequest, _ error: ServerError) {
    let wakeUp = state.withLock { state in
      state.reserved -= 1
      return drop(request, error, from: &state)
    }
    wakeUp?()
  }
}
#endif
