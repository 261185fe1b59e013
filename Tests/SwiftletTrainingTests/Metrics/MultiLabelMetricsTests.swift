import Glibc
import Testing

@testable import SwiftletTraining

@Suite struct MultiLabelMetricsTests {
  private func metrics(
    _ golden: MetricsGolden.MultiLabel, thresholds: [Double]? = nil
  ) -> MultiLabelMetrics {
    let names = (0..<golden.labels).map { "label \($0)" }
    var counter = MultiLabelCounter(labels: names, thresholds: thresholds)
    for start in stride(from: 0, to: golden.logits.count, by: golden.labels) {
      let row = start..<start + golden.labels
      counter.add(logits: Array(golden.logits[row]), targets: Array(golden.truth[row]))
    }
    return counter.metrics()
  }

  @Test func `Every metric equals that of scikit-learn`() throws {
    let golden = try MetricsGolden.load().multiLabel
    let metrics = metrics(golden)
    #expect(isClose(metrics.microF1, golden.microF1))
    #expect(isClose(metrics.macroF1, golden.macroF1))
    #expect(isClose(metrics.subsetAccuracy, golden.subsetAccuracy))
    #expect(isClose(metrics.logLoss, golden.logLoss))
    for (found, expected) in zip(metrics.averagePrecisions, golden.averagePrecisions) {
      #expect(isClose(found, expected))
    }
    let defined = golden.averagePrecisions.compactMap { $0 }
    #expect(defined.count == golden.labels - 1)
    #expect(
      isClose(metrics.meanAveragePrecision, defined.reduce(0, +) / Double(defined.count)))
  }

  @Test func `Brier score and calibration error are those of the decisions about each label`() {
    var counter = MultiLabelCounter(labels: ["a", "b"])
    counter.add(logits: [0, 2], targets: [1, 1])
    counter.add(logits: [0, -2], targets: [0, 1])
    let metrics = counter.metrics()
    let sure = 1 / (1 + exp(-2.0))
    #expect(isClose(metrics.brierScore, (0.5 + (1 - sure) * (1 - sure) + sure * sure) / 4))
    #expect(isClose(metrics.calibrationError, (2 * 0 + (1 - sure) + sure) / 4))
    #expect(metrics.calibrationBins.count == 15)
    #expect(metrics.calibrationBins[7].correct == Proportion(count: 1, total: 2))
  }

  @Test func `A threshold decides which labels are predicted`() throws {
    let golden = try MetricsGolden.load().multiLabel
    #expect(metrics(golden, thresholds: [0.5, 0.5, 0.5, 0.5]) == metrics(golden))
    let none = metrics(golden, thresholds: [1, 1, 1, 1])
    #expect(none.perLabel.allSatisfy { $0.predicted == 0 })
    let all = metrics(golden, thresholds: [0, 0, 0, 0])
    #expect(all.perLabel.allSatisfy { $0.predicted == 40 })
  }

  @Test func `Without a positive row the average precision is undefined`() {
    let metrics = MultiLabelCounter(labels: ["a"]).metrics()
    #expect(metrics.value(of: .meanAveragePrecision) == nil)
    #expect(metrics.value(of: .microF1) == 0)
  }
}
