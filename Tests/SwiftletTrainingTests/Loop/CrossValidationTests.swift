import Testing

@testable import SwiftletTraining

@Suite struct `Cross-validation and sweeps` {
  @Test func `each part is evaluated by a training on all other rows`() {
    let parts = CrossValidation(folds: [[0, 4, 5], [1, 6], [2, 3]])
    #expect(
      (0..<3).map(parts.trainingRows) == [[1, 2, 3, 6], [0, 2, 3, 4, 5], [0, 1, 4, 5, 6]])
  }

  @Test func `a cross-validation has mean and deviation of its parts`() {
    let result = CrossValidationResult(
      folds: [0.5, 0.7, 0.9].map { [MetricValue(.accuracy, $0), MetricValue(.loss, 1)] })
    #expect(result.summaries.map(\.metric) == [.accuracy, .loss])
    #expect(abs(result.summaries[0].mean - 0.7) < 1e-15)
    #expect(abs(result.summaries[0].deviation - 0.2) < 1e-15)
    #expect(result.summaries[1].deviation == 0)
  }

  @Test func `a sweep has every combination, in order`() throws {
    let sweep = try Sweep(
      ["--learning-rate=1e-5,3e-5", "batch-size=8,16,32"], base: TrainingOptions())
    #expect(sweep.candidates.count == 6)
    #expect(sweep.candidates.map(\.learningRate) == [1e-5, 1e-5, 1e-5, 3e-5, 3e-5, 3e-5])
    #expect(sweep.candidates.map(\.batchSize) == [8, 16, 32, 8, 16, 32])
    #expect(sweep.axes.map(\.flag) == ["learning-rate", "batch-size"])
  }

  @Test(arguments: [
    [], ["learning-rate"], ["learning-rate="], ["=1"], ["learning-rate=1e-5,"],
    ["learning-rate=1e-5,1e-5"], ["learning-rate=1e-5", "learning-rate=2e-5"],
    ["learning-rate=-1"], ["speed=1,2"], ["metric=accuracy,loss"], ["threads=1,2"],
    ["class-weights=1,2"], ["method=probe", "epochs=1,2"],
    ["seed=" + (0..<1001).map(String.init).joined(separator: ",")],
  ]) func `a sweep that is not valid is an error before any training`(axes: [String]) {
    #expect(throws: TrainingError.self) { try Sweep(axes, base: TrainingOptions()) }
  }

  @Test func `the best of a sweep follows the metric's direction`() {
    func best(_ metric: Metric, _ values: [Double]) -> Int? {
      SweepResult(
        candidates: values.map { _ in TrainingOptions() }, metric: metric, values: values
      ).best
    }
    #expect(best(.accuracy, [.nan, 0.3, 0.1, 0.3]) == 1)
    #expect(best(.loss, [.nan, 0.3, 0.1, 0.3]) == 2)
    #expect(best(.loss, [.nan, .nan]) == nil)
  }
}
