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

/// What is done with the model after a run, for which the run leaves memory and time.
package struct LaterWork: Sendable, Equatable {
  /// The tokens of all passes, none of which has a backward pass.
  package var tokens = 0
  /// The tokens of the longest example of these passes.
  package var longestExample = 0
  /// The bytes that are written, and read again.
  package var writtenBytes = 0

  package init() {}
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
  /// Bytes that are held during the run besides those of the network, such as the examples.
  package var keptBytes = 0
  /// What follows the run.
  package var laterWork = LaterWork()
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
