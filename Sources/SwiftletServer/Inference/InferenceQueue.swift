#if Server
import SwiftletEncoder
import Synchronization

/// The queue between requests and engine: decides which sequences the next pass computes.
///
/// A thread that becomes free forms the next pass from the sequences that wait; no sequence waits
/// for others to fill a batch. Each pass runs on one of the engine's threads, so Swift's
/// cooperative threads are never blocked, and all free threads help a pass that runs alone. One
/// thread never starts a pass of a long sequence and only helps with those, so that a short text
/// does not wait for their end.
final class InferenceQueue: Sendable {
  struct Limits: Sendable {
    /// Maximum number of inputs that wait or are computed.
    var concurrentInputs = 512
    /// Maximum number of tokens of a pass, except for a single longer sequence. The rows of a
    /// thread then fit into its cache. With more, short texts wait longer for long ones, and
    /// responses come in larger bursts.
    var passTokens = 192
    /// Maximum number of inputs of a pass.
    var passInputs = Int.max
    /// Maximum number of passes at the same time.
    var workers = 1
    /// Maximum time until the first input of a request is computed.
    var timeout = Duration.seconds(30)
  }

  /// The rows of a batch, one after another, or an error that concerns any of its sequences.
  typealias Compute = @Sendable (PackedBatch, RowKind) throws(ServerError) -> [Float]

  private struct State {
    var waiting = FairQueue()
    /// Admitted inputs that are not answered yet.
    var reserved = 0
    var workers = 0
    /// Running passes of a single long sequence.
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
  ///   - limits: The limits of admission and packing.
  ///   - metrics: Records the length of the queue and every batch.
  ///   - submit: Runs a closure on one of the engine's threads.
  ///   - compute: Called on those threads, concurrently.
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

  /// Admitted inputs that are not answered yet.
  var reserved: Int { state.withLock { $0.reserved } }

  /// Admits inputs, or refuses them before anything is tokenized or stored for them. Admitted
  /// inputs end with ``rows(of:)``, for as many sequences, or with ``release(_:)``.
  ///
  /// - Throws: ``ServerError/overloaded``, or ``ServerError/tooManyInputs(_:maximum:)`` if the
  ///   queue could never admit them.
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

  /// Releases admitted inputs that did not reach the queue.
  func release(_ count: Int) { state.withLock { $0.reserved -= count } }

  /// Computes the rows of a request's sequences, which must be admitted.
  ///
  /// - Throws: ``ServerError/expired(seconds:)``, ``ServerError/stopping`` if the task is
  ///   cancelled, the error given to ``cancel(_:_:)``, or the engine's error.
  func rows(of request: QueuedRequest) async throws(ServerError) -> QueueAnswer {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { enqueue(request, $0) }
    } onCancel: {
      cancel(request, .stopping)
    }
    return try result.get()
  }

  /// Drops a request's waiting sequences, now or when it arrives; its task gets `error`. A running
  /// pass continues.
  func cancel(_ request: QueuedRequest, _ error: ServerError) {
    let wakeUp = state.withLock { state in drop(request, error, from: &state) }
    wakeUp?()
  }

  /// Ends all waiting and later requests with ``ServerError/stopping``. Running passes continue.
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
        // Cancelled before it arrived: it is not in the queue.
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

  /// Ends a request and removes its waiting sequences. Requires the lock.
  private func drop(
    _ request: QueuedRequest, _ error: ServerError, from state: inout State
  ) -> WakeUp? {
    guard request.continuation != nil else {
      // Not arrived yet, or already answered.
      _ = request.fail(error)
      return nil
    }
    state.waiting.remove(request)
    state.reserved -= request.fail(error)
    metrics.queueSize(state.waiting.count)
    return request.takeWakeUp()
  }

  // MARK: On the engine's threads

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
      run(pass.entries)
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

  /// Ends a request after the pass of one of its sequences failed.
  private func fail(_ request: QueuedRequest, _ error: ServerError) {
    let wakeUp = state.withLock { state in
      state.reserved -= 1
      return drop(request, error, from: &state)
    }
    wakeUp?()
  }
}
#endif
