#if Server
import Foundation
import SwiftletEncoder
import Synchronization

@testable import SwiftletServer

/// An engine whose passes can be held up and looked at: the row of a sequence is the sum of its ids,
/// that of a token its id.
final class Engine: Sendable {
  /// An id that no pass can compute.
  static let poison: Int32 = 666

  private struct State {
    var passes: [[[Int32]]] = []
    var running = 0
    var mostRunning = 0
  }

  private let state = Mutex(State())
  private let gate: DispatchSemaphore?
  private let begun = DispatchSemaphore(value: 0)

  /// - Parameter isHeld: Whether each pass waits for ``letOn(_:)``.
  init(isHeld: Bool = false) { gate = isHeld ? DispatchSemaphore(value: 0) : nil }

  /// The ids of the sequences of each pass, in the order in which they began.
  var passes: [[[Int32]]] { state.withLock { $0.passes } }
  /// The most passes that ever ran at the same time.
  var mostRunning: Int { state.withLock { $0.mostRunning } }

  /// Lets passes go on.
  func letOn(_ passes: Int = 1) { for _ in 0..<passes { gate?.signal() } }

  /// Waits for a pass to begin that was not waited for before.
  func nextPass() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [begun] in
        begun.wait()
        continuation.resume()
      }
    }
  }

  func makeQueue(_ limits: InferenceQueue.Limits = InferenceQueue.Limits()) -> InferenceQueue {
    InferenceQueue(
      PassScheduler(limits: limits, submit: { work in Thread.detachNewThread { work() } }),
      makePassEngine())
  }

  func makePassEngine(tokenCost: Double = 1) -> PassEngine {
    PassEngine(metrics: ServerMetrics(maxInputLength: 512), tokenCost: tokenCost) {
      [self] (batch, kind) throws(ServerError) in try compute(batch, kind)
    }
  }

  private func compute(_ batch: PackedBatch, _ kind: RowKind) throws(ServerError) -> [Float] {
    let sequences = (0..<batch.sequenceCount).map { Array(batch.ids[batch.range($0)]) }
    state.withLock { state in
      state.passes.append(sequences)
      state.running += 1
      state.mostRunning = max(state.mostRunning, state.running)
    }
    begun.signal()
    gate?.wait()
    state.withLock { $0.running -= 1 }
    if batch.ids.contains(Self.poison) { throw .backend("poisoned") }
    return switch kind {
    case .pooled: sequences.map { Float($0.reduce(0, +)) }
    case .tokens: batch.ids.map { Float($0) }
    }
  }
}

extension QueuedRequest {
  /// A request of sequences that hold one id over and over: `(id, tokens)`.
  convenience init(
    client: UInt64, kind: RowKind = .pooled, _ sequences: [(id: Int32, tokens: Int)]
  ) {
    self.init(
      client: ClientID(number: client), kind: kind,
      sequences: sequences.map {
        TokenSequence(ids: Array(repeating: $0.id, count: $0.tokens))
      })
  }
}
#endif
