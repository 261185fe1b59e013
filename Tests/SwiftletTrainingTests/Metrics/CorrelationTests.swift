import Testing

@testable import SwiftletTraining

@Suite struct CorrelationTests {
  @Test func `Regression metrics equal those of scipy, with ties`() throws {
    let golden = try MetricsGolden.load().regression
    var counter = RegressionCounter()
    for (prediction, target) in zip(golden.predicted, golden.target) {
      counter.add(prediction: prediction, target: target)
    }
    let metrics = counter.metrics()
    #expect(metrics.count == golden.target.count)
    #expect(isClose(metrics.value(of: .mse), golden.mse))
    #expect(isClose(metrics.value(of: .mae), golden.mae))
    #expect(isClose(metrics.value(of: .pearson), golden.pearson))
    #expect(isClose(metrics.value(of: .spearman), golden.spearman))
    #expect(metrics.value(of: .loss) == metrics.mse)
  }

  @Test func `Constant predictions and targets are named`() {
    let (constant, rising) = ([2.0, 2, 2], [1.0, 2, 3])
    for correlation in [Correlation.pearson, Correlation.spearman] {
      #expect(correlation(constant, rising) == .constantPredictions)
      #expect(correlation(rising, constant) == .constantTargets)
      #expect(correlation([1], [1]) == .tooFewRows)
      #expect(correlation([1, .nan], [1, 2]) == .notFinite)
      #expect(correlation(rising, rising) == .value(1))
    }
    #expect(Correlation.constantPredictions.number == nil)
  }

  @Test func `Similarity is the correlation of cosines with scores`() {
    var counter = SimilarityCounter()
    let pairs: [([Float], [Float], Double)] = [
      ([1, 0], [2, 0], 5), ([1, 0], [0, 3], 2), ([1, 0], [-1, 0], 0), ([1, 1], [1, 0], 4),
    ]
    for (first, second, score) in pairs { counter.add(first, second, width: 2, score: score) }
    let metrics = counter.metrics()
    #expect(metrics.pairs == 4)
    #expect(metrics.spearman == .value(1))
    let cosines = [1, 0, -1, 0.5.squareRoot()]
    let pearson = Correlation.pearson(predictions: cosines, targets: pairs.map(\.2)).number
    #expect(isClose(metrics.value(of: .pearson), pearson))
    #expect(metrics.value(of: .loss) == nil)
  }
}
