#if Server
import SwiftletEncoder
import Synchronization

/// Computes the passes of one version of a model, and counts its inputs.
final class PassEngine: Sendable {
  /// The rows of a batch, one after another, or an error that concerns any of its sequences.
  typealias Compute = @Sendable (PackedBatch, RowKind) throws(ServerError) -> [Float]

  let metrics: ServerMetrics
  /// The time that a token takes, compared with the tokens of other models.
  let tokenCost: Double
  /// Called on the pool's threads, concurrently.
  let compute: Compute
  private let inputs = Atomic(0)

  init(metrics: ServerMetrics, tokenCost: Double = 1, compute: @escaping Compute) {
    self.metrics = metrics
    self.tokenCost = tokenCost
    self.compute = compute
  }

  /// Admitted inputs that are not answered yet.
  var reserved: Int { inputs.load(ordering: .relaxed) }

  /// Counts inputs as admitted; returns false, and counts nothing, if they would be more than
  /// `limit`.
  func reserve(_ count: Int, limit: Int) -> Bool {
    var reserved = inputs.load(ordering: .relaxed)
    while count <= limit - reserved {
      let (isDone, original) = inputs.weakCompareExchange(
        expected: reserved, desired: reserved + count, ordering: .relaxed)
      if isDone { return true }
      reserved = original
    }
    return false
  }

  func release(_ count: Int) { inputs.wrappingSubtract(count, ordering: .relaxed) }
}
#endif
