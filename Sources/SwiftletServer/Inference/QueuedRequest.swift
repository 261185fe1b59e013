#if Server
import SwiftletEncoder

/// Whom the queue is fair to: a connection.
struct ClientID: Hashable, Sendable {
  let number: UInt64
}

/// What a request wants of its sequences.
enum RowKind: Sendable {
  /// One row for each: logits, or an embedding.
  case pooled
  /// One row for each token.
  case tokens
}

/// The rows of all sequences of a request, in their order, and how long they took.
struct QueueAnswer: Sendable {
  var rows: [[Float]]
  /// Of each sequence: from its arrival until a pass took it.
  var queueTimes: [Duration]
  /// Of each sequence: the pass that it was part of.
  var inferenceTimes: [Duration]
}

/// The sequences of one HTTP request on their way through the engine, some of them perhaps in a pass
/// while others wait. What changes is guarded by the lock of the queue.
final class QueuedRequest: @unchecked Sendable {
  typealias Continuation = CheckedContinuation<Result<QueueAnswer, ServerError>, Never>

  let client: ClientID
  let kind: RowKind
  let sequences: [TokenSequence]
  let arrival: ContinuousClock.Instant
  /// The first sequence that no pass has taken.
  var next = 0
  /// Why it ended without an answer; then no task waits for it.
  private(set) var failure: ServerError?
  /// The task that waits; nil after the answer.
  var continuation: Continuation?
  private var answer: QueueAnswer
  private var unanswered: Int

  /// - Parameters:
  ///   - client: Who shares what is computed with the other clients.
  ///   - kind: The rows that are wanted.
  ///   - sequences: At least one; the model takes each of them.
  ///   - arrival: Since when they wait.
  init(
    client: ClientID, kind: RowKind = .pooled, sequences: [TokenSequence],
    arrival: ContinuousClock.Instant = .now
  ) {
    precondition(!sequences.isEmpty)
    self.client = client
    self.kind = kind
    self.sequences = sequences
    self.arrival = arrival
    unanswered = sequences.count
    answer = QueueAnswer(
      rows: Array(repeating: [], count: sequences.count),
      queueTimes: Array(repeating: .zero, count: sequences.count),
      inferenceTimes: Array(repeating: .zero, count: sequences.count))
  }

  /// Whether a pass has taken any of its sequences.
  var hasBegun: Bool { next > 0 }
  /// Sequences that wait.
  var waiting: Int { sequences.count - next }
  /// Tokens of the sequences that wait.
  var waitingTokens: Int { sequences[next...].reduce(0) { $0 + $1.ids.count } }
  /// The first sequence that waits; there must be one.
  var nextEntry: QueueEntry { QueueEntry(request: self, index: next) }
  /// The tokens of the first sequence that waits; there must be one.
  var nextCost: Int { sequences[next].ids.count }

  /// The rows of one sequence; true if they were the last.
  func accept(
    _ rows: [Float], of sequence: Int, queueTime: Duration, inferenceTime: Duration
  ) -> Bool {
    answer.rows[sequence] = rows
    answer.queueTimes[sequence] = queueTime
    answer.inferenceTimes[sequence] = inferenceTime
    unanswered -= 1
    return unanswered == 0
  }

  /// Ends it with an error, unless it has ended; the sequences that still waited are dropped.
  ///
  /// - Returns: How many they were.
  func fail(_ error: ServerError) -> Int {
    let dropped = waiting
    next = sequences.count
    if failure == nil { failure = error }
    return dropped
  }

  /// The task that waits, with its result; nil after the first call.
  func takeWakeUp() -> WakeUp? {
    guard let continuation else { return nil }
    self.continuation = nil
    return WakeUp(
      continuation: continuation, result: failure.map { .failure($0) } ?? .success(answer))
  }
}

/// A task to go on with, outside of any lock.
struct WakeUp: Sendable {
  let continuation: QueuedRequest.Continuation
  let result: Result<QueueAnswer, ServerError>

  func callAsFunction() { continuation.resume(returning: result) }
}
#endif
