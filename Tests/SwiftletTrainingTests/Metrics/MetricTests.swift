import Testing

@testable import SwiftletTraining

@Suite struct MetricTests {
  @Test func `A metric is found by its name and task`() throws {
    for task in TrainingTask.allCases {
      for metric in task.metrics {
        #expect(try Metric(named: metric.rawValue, for: task) == metric)
      }
    }
  }

  @Test(arguments: ["f2", "exact-match", "macroF1", ""])
  func `An unknown name lists the metrics of the task`(name: String) {
    let error = #expect(throws: TrainingError.self) {
      try Metric(named: name, for: .classification)
    }
    #expect(
      error?.description == "--metric is '\(name)', which the task classify does not have; use "
        + "accuracy, macro-f1, micro-f1, weighted-f1, calibration-error, brier-score, loss")
  }

  @Test func `Errors and losses are better when they are lower`() {
    let lower = Metric.allCases.filter { !$0.isBetterWhenHigher }
    #expect(lower == [.mse, .mae, .calibrationError, .brierScore, .loss])
    #expect(Metric.loss.isBetter(1, than: 2))
    #expect(Metric.accuracy.isBetter(2, than: 1))
    for metric in Metric.allCases {
      #expect(!metric.isBetter(1, than: 1))
      #expect(!metric.isBetter(.nan, than: 1))
    }
  }

  @Test func `The first of equal scores is the choice`() {
    var metrics = ChoiceMetrics()
    metrics.add(scores: [1, 3, 3], choices: 3, answer: 1)
    metrics.add(scores: [1, 3, 3], choices: 3, answer: 2)
    #expect(metrics.accuracy == 0.5)
    #expect(metrics.value(of: .accuracy) == 0.5)
    #expect(metrics.value(of: .loss) == nil)
  }
}
