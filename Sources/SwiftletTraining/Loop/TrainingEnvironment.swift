package import SwiftletEncoder

/// Writes and reads the checkpoints of a training.
package protocol CheckpointStore: AnyObject {
  /// Replaces the checkpoint of a kind as a whole, and returns its folder. ``SavedCheckpoint/Kind/last`` has
  /// weights, moments and `state`; ``SavedCheckpoint/Kind/best`` has the weights of `state.step`.
  ///
  /// A new best checkpoint comes before the last one whose state names it. Until then the store keeps the old
  /// one too: a process that is killed between them continues from the old state.
  func save(_ kind: SavedCheckpoint.Kind, _ state: LoopState) throws -> String

  /// Sets the network's weights to those of the best checkpoint of a step.
  func loadBest(step: Int) throws
}

/// What a training uses beside model and data.
package struct TrainingEnvironment {
  /// Returns the order of all examples in a pass over them: each index once.
  package var order: (_ epoch: Int) -> [Int32]
  package var store: any CheckpointStore
  package var report: (TrainingEvent) -> Void
  package var cancellation = Cancellation.never
  /// Whether the plan contains the time, for which the first step is computed once more.
  package var isPlanTimed = false
  /// The most tokens of a pass, unless memory is limited further.
  package var passTokens = PassCut.usualTokens
  /// Seconds from any point in time.
  package var clock = Self.monotonicClock()
  package var residentMemory: () -> Int? = ResidentMemory.bytes

  package init(
    order: @escaping (Int) -> [Int32], store: any CheckpointStore,
    report: @escaping (TrainingEvent) -> Void = { _ in }
  ) {
    self.order = order
    self.store = store
    self.report = report
  }

  /// Returns a clock that adjustments of the time of day don't change.
  package static func monotonicClock() -> () -> Double {
    let start = ContinuousClock.now
    return { (ContinuousClock.now - start) / .seconds(1) }
  }
}
