#if Server
import SwiftletEncoder

/// A client of the queue: one connection.
struct ClientID: Hashable, Sendable {
  let number: UInt64
}

/// The rows that a request wants for its sequences.
enum RowKind: Sendable {
  /// One row for each sequence: logits, or an embedding.
  case pooled
  /// One row for each token.
  case tokens
}

/// The rows of all sequences of a request, in their order, and their times.
struct QueueAnswer: Sendable {
  var rows: [[Float]]
  /// For each sequence, the time from its arrival until a pass took it.
  var queueTimes: [Duration]
  /// For each sequence, the time of its pass.
  var inferenceTimes: [Duration]
}

/// The sequences of one HTTP request; some may be in a pass while others wait. The queue's lock
/// guards all variables.
final class QueuedRequest: @unchecked Sendable {
  typealias Continuation = CheckedContinuation<Result<QueueAnswer, ServerError>, Never>

  let client: ClientID
  let kind: RowKind
  let sequences: [TokenSequence]
  let arrival: ContinuousClock.Instant
  /// Index of the first waiting sequence.
  var next = 0
  /// Why the request failed; then no task waits for it.
  private(set) var failure: ServerError?
  /// The waiting task; nil after it was resumed.
  var continuation: Continuation?
  private var answer: QueueAnswer
  private var unanswered: Int

  /// - Parameters:
  ///   - client: The client, which shares the engine with others.
  ///   - kind: The rows that are wanted.
  ///   - sequences: At least one; none longer than the model's maximum.
  ///   - arrival: The time from which they wait.
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
  /// Number of waiting sequences.
  var waiting: Int { sequences.count - next }
  /// Number of tokens of the waiting sequences.
  var waitingTokens: Int { sequences[next...].reduce(0) { $0 + $1.ids.count } }
  /// The first waiting sequence; there must be one.
  var nextEntry: QueueEntry { QueueEntry(request: self, index: next) }
  /// Number of tokens of the first waiting sequence; there must be one.
  var nextCost: Int { sequences[next].ids.count }

  /// Stores the rows of one sequence; returns true if they were the last.
  func accept(
    _ rows: [Float], of sequence: Int, queueTime: Duration, inferenceTime: Duration
  ) -> Bool {
    answer.rows[sequence] = rows
    answer.queueTimes[sequence] = queueTime
    answer.inferenceTimes[sequence] = inferenceTime
    unanswered -= 1
    return unanswered == 0
  }

  /// Fails the request, unless it has failed, and drops its waiting sequences.
  ///
  /// - Returns: The number of dropped sequences.
  func fail(_ error: ServerError) -> Int {
    let dropped = waiting
    next = sequences.count
    if failure == nil { failure = error }
    return dropped
  }

  /// The waiting task, with its result; nil after the first call.
  func takeWakeUp() -> WakeUp? {
    guard let continuation else { return nil }
    self.continuation = nil
    return WakeUp(
      continuation: continuation, result: failure.map { .failure($0) } ?? .success(answer))
  }
}

/// A task to resume outside of any lock.
struct WakeUp: Sendable {
  let continuation: QueuedRequest.Continuation
  let result: Result<QueueAnswer, ServerError>

  func callAsFunction() { continuation.resume(returning: result) }
}
#endif
