import SwiftletEncoder
import Testing

@testable import SwiftletTraining

/// Cancels or kills a training at every place, resumes it, and compares all numbers with a training that was
/// not stopped.
@Suite struct `Resuming a training` {
  private func training() throws -> MockTraining {
    let training = try MockTraining()
    training.options.epochs = 2.5
    training.options.evaluateEvery = .steps(4)
    training.options.logEvery = 3
    training.options.patience = 9
    return training
  }

  private func expectSame(
    _ resumed: MockTraining, _ whole: MockTraining, _ place: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    // Without the numbers, which would fill the report.
    let isSame = [
      ("weights", resumed.network.weights == whole.network.weights),
      ("moments", resumed.optimizer.moments == whole.optimizer.moments),
      ("state", resumed.state == whole.state),
      ("best checkpoint", resumed.store.best == whole.store.best),
      ("last checkpoint", resumed.store.last?.weights == whole.store.last?.weights),
    ]
    for (name, isSame) in isSame where !isSame {
      Issue.record("\(name) of the training stopped at \(place)", sourceLocation: sourceLocation)
    }
  }

  /// A network with other weights continues from the last checkpoint.
  private func resume(_ stopped: MockTraining) throws -> MockTraining {
    let resumed = try training()
    for index in resumed.network.weights.indices { resumed.network.weights[index] = 9 }
    resumed.options = stopped.options
    guard let state = try resumed.store.resume(from: stopped.store) else {
      resumed.network.weights = try training().network.weights
      try resumed.run()
      return resumed
    }
    try resumed.run(from: state)
    return resumed
  }

  @Test func `a training that is cancelled after any step continues to the same bits`() throws {
    let whole = try training()
    try whole.run()
    #expect(whole.state.step == 15)
    for step in 1..<15 {
      let stopped = try training()
      stopped.onEvent = { event in
        if case .step(let report) = event, report.step == step { stopped.cancellation.cancel() }
      }
      let summary = try stopped.run()
      #expect(summary.reason == .cancelled && summary.step == step)
      #expect(summary.description.contains("--resume"))
      expectSame(try resume(stopped), whole, "step \(step)")
    }
  }

  @Test func `a training that is cancelled in any pass continues to the same bits`() throws {
    let whole = try training()
    try whole.run()
    for pass in 0..<whole.network.passes {
      let stopped = try training()
      stopped.network.beforePass = { if $0 == pass { stopped.cancellation.cancel() } }
      let summary = try stopped.run()
      guard summary.reason == .cancelled else {
        // The pass is the last one of the training.
        #expect(pass == whole.network.passes - 1)
        continue
      }
      expectSame(try resume(stopped), whole, "pass \(pass)")
    }
  }

  struct Killed: Error {}

  @Test func `a training that is killed in any pass continues from its last checkpoint`() throws {
    let whole = try training()
    try whole.run()
    for pass in 0..<whole.network.passes {
      let stopped = try training()
      stopped.options.saveEvery = 3
      stopped.network.beforePass = { if $0 == pass { throw Killed() } }
      #expect(throws: Killed.self) { try stopped.run() }
      expectSame(try resume(stopped), whole, "pass \(pass)")
    }
  }

  @Test func `a resumed training counts the evaluations without a gain from before`() throws {
    let values = [0.5, 0.6, 0.55, 0.6, 0.7]
    let whole = try training()
    whole.options.patience = 2
    whole.options.evaluateEvery = .steps(2)
    whole.prescribe(values)
    #expect(try whole.run().reason == .earlyStopping)
    #expect(whole.state.step == 8)

    let stopped = try training()
    stopped.options = whole.options
    stopped.prescribe(values)
    stopped.onEvent = { event in
      if case .step(let report) = event, report.step == 7 { stopped.cancellation.cancel() }
    }
    try stopped.run()
    let resumed = try training()
    resumed.options = whole.options
    // The fourth evaluation's value, and that of the best weights.
    resumed.prescribe([0.6, 0.6])
    let state = try #require(try resumed.store.resume(from: stopped.store))
    #expect(state.evaluationsWithoutGain == 1)
    let summary = try resumed.run(from: state)
    #expect(summary.reason == .earlyStopping && summary.step == 8)
    #expect(resumed.network.weights == whole.network.weights)
  }

  @Test func `a checkpoint of other data or options is refused`() throws {
    let stopped = try training()
    try stopped.run()
    let other = try training()
    other.options.batchSize = 4
    let state = try #require(try other.store.resume(from: stopped.store))
    let error = #expect(throws: TrainingError.self) { try other.run(from: state) }
    guard case .invalidOption(let name, let reason)? = error else { return }
    #expect(name == "--resume")
    #expect(reason.contains("15 steps") && reason.contains("30"))
    #expect(other.network.passes == 0)
  }

  @Test func `a complete training that is resumed only restores the best weights`() throws {
    let whole = try training()
    try whole.run()
    let resumed = try resume(whole)
    expectSame(resumed, whole, "end")
    #expect(resumed.reports.isEmpty && resumed.saves.isEmpty)
  }
}
