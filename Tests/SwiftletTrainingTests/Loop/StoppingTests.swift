import SwiftletEncoder
import Testing

@testable import SwiftletTraining

@Suite struct `Ends of a training` {
  @Test func `a loss that is not finite stops the training and keeps the checkpoint`() throws {
    let training = try MockTraining()
    training.isSequential = true
    training.options.saveEvery = 3
    training.network.brokenOutputs = 4
    var weights: [Float] = []
    training.onEvent = { _ in weights = training.network.weights }
    let error = #expect(throws: TrainingFailure.self) { try training.run() }
    guard case .nonFiniteLoss(let step, let rows, let saved)? = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(step == 5 && saved == 3)
    #expect(rows.hasPrefix("mock.csv:34"))
    #expect(training.network.weights == weights)
    #expect(training.store.last?.weights.allSatisfy(\.isFinite) == true)
    #expect(error?.description.contains("The checkpoint of step 3 is kept") == true)
  }

  @Test func `a gradient that is not finite names all rows of the step`() throws {
    let training = try MockTraining()
    training.isSequential = true
    training.options.batchSize = 12
    training.network.brokenGradients = 1
    let error = #expect(throws: TrainingFailure.self) { try training.run() }
    let rows = (14..<24).map { "mock.csv:\($0)" }.joined(separator: ", ") + " and 2 more"
    #expect(error == .nonFiniteGradient(step: 2, rows: rows, savedStep: nil))
    #expect(training.optimizer.moments.updates == 1)
    #expect(error?.description.contains("There is no checkpoint") == true)
  }

  /// A token takes 10 ms, three times that in a step; a checkpoint takes 2 s.
  private func timed(limit: Int) throws -> MockTraining {
    let training = try MockTraining()
    training.options.timeLimit = .seconds(limit)
    training.network.duringPass = { tokens, isTraining in
      training.now += Double(tokens) * (isTraining ? 0.03 : 0.01)
    }
    training.store.onSave = { training.now += 2 }
    return training
  }

  @Test(arguments: 13...60) func `a time limit is kept, with an evaluation`(limit: Int) throws {
    let training = try timed(limit: limit)
    let summary = try training.run()
    #expect(training.now <= Double(limit))
    let isCut = summary.step < 18
    #expect(summary.reason == (isCut ? .timeLimit : .completed))
    // The whole training takes some 27 s.
    if limit < 20 { #expect(isCut) }
    if limit > 40 { #expect(!isCut) }
    #expect(training.evaluations.last?.step == summary.step)
    #expect(training.saves.last?.step == summary.step)
    #expect(summary.description.contains("--resume") == isCut)
    #expect(summary.step > 0)
  }

  @Test(arguments: 20...60)
  func `a time limit leaves time to evaluate and write the model`(limit: Int) throws {
    let training = try timed(limit: limit)
    let tokens = 3 * (training.validation?.tokenCount ?? 0)
    training.laterWork.tokens = tokens
    training.laterWork.writtenBytes = 200_000_000
    let summary = try training.run()
    // Writing and reading the model take a second each.
    training.now += 0.01 * Double(tokens) + 2
    #expect(training.now <= Double(limit))
    #expect(limit > 24 || summary.reason == .timeLimit)
    #expect(limit < 48 || summary.reason == .completed)
  }

  @Test func `a training that the time limit stopped goes on`() throws {
    let stopped = try timed(limit: 16)
    let first = try stopped.run()
    let resumed = try timed(limit: 1)
    let state = try #require(try resumed.store.resume(from: stopped.store))
    let second = try resumed.run(from: state)
    #expect(second.reason == .timeLimit && second.step == first.step + 1)
    #expect(second.seconds > first.seconds)
  }

  @Test func `a cancelled training leaves weights of a whole step`() throws {
    let training = try MockTraining()
    var weights: [Float] = []
    training.onEvent = { _ in weights = training.network.weights }
    training.network.beforePass = { if $0 == 40 { training.cancellation.cancel() } }
    let summary = try training.run()
    #expect(summary.reason == .cancelled && summary.best == nil)
    #expect(training.network.weights == weights)
    #expect(training.store.last?.weights == weights)
    #expect(training.saves.last?.step == summary.step)
    #expect(
      summary.description
        == "cancelled after step \(summary.step) of 18; the checkpoint is saved: "
        + "run the same command with --resume to continue")
  }

  @Test func `a training that is cancelled before its first pass has a checkpoint of step 0`()
    throws
  {
    let training = try MockTraining()
    training.cancellation.cancel()
    let summary = try training.run()
    #expect(summary.step == 0 && training.store.last != nil && training.network.passes == 0)
  }

  @Test func `a timed plan estimates the time and changes no weight`() throws {
    let training = try timed(limit: 1000)
    training.isPlanTimed = true
    let weights = training.network.weights
    let plan = try training.makeRun().timedPlan()
    #expect(training.network.weights == weights && training.optimizer.moments.updates == 0)
    let tokens = plan.tokensPerEpoch * 3
    // Three evaluations and checkpoints are added to the steps, of which the first one is measured.
    let steps = 0.03 * Double(tokens)
    let seconds = try #require(plan.seconds)
    #expect(seconds > steps && seconds < 1.5 * steps + 3)
    let untimed = try MockTraining()
    try untimed.run()
    let whole = try MockTraining()
    whole.isPlanTimed = true
    try whole.run()
    #expect(whole.network.weights == untimed.network.weights)
  }
}
