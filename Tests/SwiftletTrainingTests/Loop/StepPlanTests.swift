import Testing

@testable import SwiftletTraining

@Suite struct `The plan of the steps` {
  private func plan(
    rows: Int, _ change: (inout TrainingOptions) -> Void = { _ in }
  ) throws -> StepPlan {
    var options = TrainingOptions()
    change(&options)
    return try StepPlan(options, exampleCount: rows)
  }

  @Test(arguments: [
    (16, 1, 1, 3.0, 1, 3), (17, 16, 1, 3.0, 2, 6), (100, 16, 2, 3.0, 4, 12),
    (100, 16, 1, 0.5, 7, 4), (67_349, 32, 1, 3.0, 2105, 6315), (1, 16, 8, 2.0, 1, 2),
  ]) func `steps are counted as in Trainer`(
    rows: Int, batch: Int, accumulation: Int, epochs: Double, perEpoch: Int, total: Int
  ) throws {
    let steps = try plan(rows: batch == 1 ? 1 : rows) {
      $0.batchSize = batch
      $0.gradientAccumulation = accumulation
      $0.epochs = epochs
    }
    #expect(steps.stepsPerEpoch == perEpoch && steps.totalSteps == total)
  }

  @Test func `a warm-up is a share, rounded up, or a count`() throws {
    #expect(try plan(rows: 1000).warmupSteps == 19)
    #expect(try plan(rows: 1000) { $0.warmup = 7 }.warmupSteps == 7)
    #expect(try plan(rows: 1000) { $0.warmup = 0 }.warmupSteps == 0)
    #expect(try plan(rows: 1000) { $0.schedule = .constant }.warmupSteps == 0)
    #expect(throws: TrainingError.self) { try plan(rows: 16) { $0.warmup = 4 } }
  }

  @Test func `steps of an epoch have each place once, the last one fewer`() throws {
    let steps = try plan(rows: 40)
    #expect(steps.places(ofStep: 0).range == 0..<16)
    #expect(steps.places(ofStep: 2).range == 32..<40)
    #expect(steps.places(ofStep: 5) == (1, 32..<40))
  }

  @Test(arguments: [TrainingOptions.EvaluationInterval.epoch, .steps(4), .steps(7), .steps(99)])
  func `the number of evaluations is that of the steps with one`(
    interval: TrainingOptions.EvaluationInterval
  ) throws {
    let steps = try plan(rows: 90) {
      $0.evaluateEvery = interval
      $0.epochs = 2.4
    }
    for first in 0...steps.totalSteps {
      let due = (first..<steps.totalSteps).count { steps.isEvaluationDue(after: $0 + 1) }
      #expect(steps.evaluations(after: first) == due)
    }
    #expect(steps.isEvaluationDue(after: steps.totalSteps) && !steps.isEvaluationDue(after: 0))
  }

  @Test func `no example and too many steps are errors`() {
    #expect(throws: TrainingError.self) { try plan(rows: 0) }
    #expect(throws: TrainingError.self) {
      try plan(rows: 100_000_000) {
        $0.batchSize = 1
        $0.epochs = 1000
      }
    }
  }

  @Test func `a cut keeps to the tokens, except for a longer example`() {
    let counts = [3, 3, 3, 20, 1, 9, 1]
    let ranges = PassCut.ranges(tokenCounts: counts, budget: 9)
    #expect(ranges == [0..<3, 3..<4, 4..<5, 5..<6, 6..<7])
    #expect(PassCut.ranges(tokenCounts: counts, budget: 100) == [0..<7])
    #expect(PassCut.ranges(tokenCounts: [], budget: 9).isEmpty)
  }

  @Test func `the largest pass within the memory is found`() throws {
    func budget(_ limit: Int?, longest: Int = 100) throws -> Int {
      try PassCut.budget(limit: limit, longest: longest) { 1000 + 10 * $0 }
    }
    #expect(try budget(nil) == 1024)
    #expect(try budget(1 << 30) == 1024)
    #expect(try budget(3009) == 200)
    #expect(try budget(2000) == 100)
    #expect(try budget(1 << 30, longest: 5000) == 5000)
    let error = #expect(throws: TrainingError.self) { try budget(1999) }
    #expect(error?.description.contains("needs 2000 for its longest example of 100 tokens") == true)
  }

  @Test func `activations are computed again only where the longest example needs it`() throws {
    func choice(_ limit: Int?) throws -> PassCut.Choice {
      try PassCut.choice(limit: limit, longest: 100) { 1000 + ($1 ? 4 : 10) * $0 }
    }
    #expect(try choice(nil) == PassCut.Choice(budget: 1024, recomputes: false))
    #expect(try choice(2000) == PassCut.Choice(budget: 100, recomputes: false))
    #expect(try choice(1999) == PassCut.Choice(budget: 249, recomputes: true))
    #expect(try choice(1400) == PassCut.Choice(budget: 100, recomputes: true))
    let error = #expect(throws: TrainingError.self) { try choice(1399) }
    #expect(error?.description.contains("needs 1400 for its longest example of 100 tokens") == true)
  }

  @Test func `what is kept besides the network, and later passes, count for the limit`() throws {
    let training = try MockTraining()
    let longest = training.objective.longestExample
    training.keptBytes = 500
    training.laterWork.longestExample = longest + 3
    let kept = 500 + 12 * training.objective.exampleCount
    let least = training.network.bytes(forTokens: longest + 3, recomputing: false) + kept
    training.options.maxMemory = least
    let plan = try training.makeRun().plan
    #expect(plan.memory == least && plan.passTokens == longest + 3 && !plan.recomputes)
    training.options.maxMemory = least - 1
    #expect(try training.makeRun().plan.recomputes && training.network.recomputes)
    training.options.maxMemory = training.network.bytes(forTokens: longest + 3) + kept - 1
    #expect(throws: TrainingError.self) { try training.makeRun() }
  }

  @Test func `max-memory makes passes smaller and changes no weight`() throws {
    let free = try MockTraining()
    free.passTokens = 1024
    try free.run()
    let limited = try MockTraining()
    limited.passTokens = 1024
    limited.options.maxMemory =
      limited.network.bytes(forTokens: 10) + 12 * limited.objective.exampleCount
    try limited.run()
    #expect(limited.network.longestPass <= 10 && free.network.longestPass > 10)
    #expect(limited.network.weights == free.network.weights)
  }
}
