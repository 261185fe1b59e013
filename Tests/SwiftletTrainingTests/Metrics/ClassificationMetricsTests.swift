import Testing

@testable import SwiftletTraining

@Suite struct ClassificationMetricsTests {
  private func metrics(_ golden: MetricsGolden.Classification) -> ClassificationMetrics {
    var counter = ClassificationCounter(labels: (0..<golden.classes).map { "label \($0)" })
    for (row, label) in golden.truth.enumerated() {
      let logits = golden.logits[row * golden.classes..<(row + 1) * golden.classes]
      counter.add(logits: Array(logits), label: label)
    }
    return counter.metrics()
  }

  @Test func `Every metric equals that of scikit-learn`() throws {
    let goldens = try MetricsGolden.load().classification
    #expect(goldens.count == 3)
    for golden in goldens {
      let metrics = metrics(golden)
      #expect(metrics.rows == golden.truth.count)
      #expect(isClose(metrics.accuracy, golden.accuracy))
      #expect(isClose(metrics.macroF1, golden.macroF1))
      #expect(isClose(metrics.microF1, golden.microF1))
      #expect(isClose(metrics.weightedF1, golden.weightedF1))
      #expect(isClose(metrics.logLoss, golden.logLoss))
      #expect(isClose(metrics.calibrationError, golden.calibrationError))
      #expect(isClose(metrics.brierScore, golden.brierScore))
      #expect(metrics.confusion == golden.confusion)
      #expect(metrics.perClass.map(\.support) == golden.support)
      for (score, index) in zip(metrics.perClass, golden.f1.indices) {
        #expect(isClose(score.precision, golden.precision[index]))
        #expect(isClose(score.recall, golden.recall[index]))
        #expect(isClose(score.f1, golden.f1[index]))
      }
    }
  }

  @Test func `The interval of the accuracy is Wilson's`() throws {
    for golden in try MetricsGolden.load().classification {
      let interval = metrics(golden).correct.interval
      #expect(isClose(interval.lowerBound, golden.interval[0]))
      #expect(isClose(interval.upperBound, golden.interval[1]))
    }
  }

  @Test func `An interval stays between 0 and 1`() {
    #expect(Proportion(count: 0, total: 0).interval == 0...1)
    #expect(Proportion(count: 0, total: 9).interval.lowerBound == 0)
    #expect(Proportion(count: 9, total: 9).interval.upperBound == 1)
  }

  @Test func `Without rows every metric is finite`() {
    let metrics = ClassificationCounter(labels: ["a", "b"]).metrics()
    for metric in TrainingTask.classification.metrics {
      #expect(metrics.value(of: metric)?.isFinite == true)
    }
  }

  @Test func `The first of equal logits is the prediction`() {
    var counter = ClassificationCounter(labels: ["a", "b", "c"])
    counter.add(logits: [0, 1, 1], label: 2)
    #expect(counter.metrics().confusion[2] == [0, 1, 0])
  }

  @Test func `The loss of the training takes the place of the log loss`() {
    var metrics = ClassificationCounter(labels: ["a", "b"]).metrics()
    #expect(metrics.value(of: .loss) == metrics.logLoss)
    metrics.loss = 7
    #expect(metrics.value(of: .loss) == 7)
  }
}
