import Testing

@testable import SwiftletTraining

@Suite struct LearningRateScheduleTests {
  @Test func `Every schedule has the factors of transformers`() throws {
    let goldens = try OptimizerGolden.load().schedules
    #expect(Set(goldens.map(\.name)).count == LearningRateSchedule.byName.count)
    for golden in goldens {
      let schedule = try #require(golden.schedule)
      for (step, expected) in golden.factors.enumerated() {
        let factor = schedule.factor(
          step: step, total: golden.total, warmup: golden.warmup, peak: golden.peak)
        #expect(abs(factor - expected) <= 1e-12, "\(golden.name) at step \(step)")
      }
    }
  }

  @Test func `A warm-up as long as the training has finite factors`() {
    for (name, schedule) in LearningRateSchedule.byName {
      for step in 0...12 {
        #expect(schedule.factor(step: step, total: 10, warmup: 10).isFinite, "\(name)")
      }
    }
  }

  @Test func `A schedule is found by its name`() throws {
    for (name, schedule) in LearningRateSchedule.byName {
      #expect(try LearningRateSchedule(named: name) == schedule)
    }
  }

  @Test func `An unknown name lists the schedules`() {
    let error = #expect(throws: TrainingError.self) {
      try LearningRateSchedule(named: "triangle")
    }
    #expect(
      error?.description == "--schedule is 'triangle', but must be one of linear, cosine, "
        + "cosine-with-restarts, polynomial, constant, constant-with-warmup, inverse-sqrt")
  }

  @Test func `A parameter out of range is refused`() {
    let wrong: [LearningRateSchedule] = [
      .cosine(cycles: 0), .cosineWithRestarts(cycles: 0), .polynomial(power: .infinity),
      .polynomial(end: 1), .inverseSquareRoot(timescale: 0),
    ]
    for schedule in wrong {
      #expect(throws: TrainingError.self) { try schedule.check(peak: 5e-5) }
    }
    for (_, schedule) in LearningRateSchedule.byName {
      #expect(throws: Never.self) { try schedule.check(peak: 5e-5) }
    }
  }
}
