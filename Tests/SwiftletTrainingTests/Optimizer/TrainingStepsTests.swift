import Testing

@testable import SwiftletTraining

@Suite struct TrainingStepsTests {
  @Test(arguments: [
    (rows: 32, batch: 16, accumulation: 1, epochs: 3.0, perEpoch: 2, total: 6),
    (33, 16, 1, 3, 3, 9),
    (33, 16, 2, 3, 2, 6),
    (1, 16, 4, 3, 1, 3),
    (100, 16, 1, 1.5, 7, 11),
    (100, 16, 1, 0.01, 7, 1),
  ])
  func `Steps are counted as by Trainer`(
    rows: Int, batch: Int, accumulation: Int, epochs: Double, perEpoch: Int, total: Int
  ) {
    let steps = TrainingSteps(
      rows: rows, batchSize: batch, accumulation: accumulation, epochs: epochs)
    #expect(steps.perEpoch == perEpoch)
    #expect(steps.total == total)
  }

  @Test func `A warm-up is a share rounded up or a number of steps`() throws {
    let steps = TrainingSteps(rows: 105, batchSize: 1, epochs: 1)
    #expect(try steps.warmup(0) == 0)
    #expect(try steps.warmup(0.1) == 11)
    #expect(try steps.warmup(0.001) == 1)
    #expect(try steps.warmup(1) == 1)
    #expect(try steps.warmup(500) == 500)
  }

  @Test(arguments: [-0.1, 1.5, .nan, .infinity])
  func `A warm-up that is neither is refused`(amount: Double) {
    let steps = TrainingSteps(rows: 105, batchSize: 1, epochs: 1)
    #expect(throws: TrainingError.self) { try steps.warmup(amount) }
  }
}
