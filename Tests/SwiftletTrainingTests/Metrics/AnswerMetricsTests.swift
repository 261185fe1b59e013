import Testing

@testable import SwiftletTraining

@Suite struct AnswerMetricsTests {
  @Test func `Every question is counted as by SQuAD's script`() throws {
    let goldens = try MetricsGolden.load().answers
    #expect(goldens.map(\.version) == [1, 2])
    for golden in goldens {
      for (index, prediction) in golden.predictions.enumerated() {
        var counter = AnswerCounter(allowsNoAnswer: golden.version == 2)
        counter.add(prediction: prediction, answers: golden.answers[index])
        let scores = counter.metrics().all
        #expect(scores.exactMatch == Double(golden.exact[index]), "\(prediction)")
        #expect(isClose(scores.f1, golden.overlaps[index]), "\(prediction)")
      }
    }
  }

  @Test func `Questions with and without an answer are counted separately`() {
    var counter = AnswerCounter(allowsNoAnswer: true)
    counter.add(prediction: "the red car", answers: ["a car"])
    counter.add(prediction: "", answers: [])
    counter.add(prediction: "something", answers: [])
    let metrics = counter.metrics()
    #expect(metrics.answerable.exactMatch == 0)
    #expect(isClose(metrics.answerable.f1, 2.0 / 3))
    #expect(metrics.unanswerable.exactMatch == 0.5)
    #expect(isClose(metrics.value(of: .exactMatch), 1.0 / 3))
    #expect(isClose(metrics.value(of: .f1), 5.0 / 9))
    #expect(metrics.value(of: .accuracy) == nil)
  }

  @Test func `Without questions the scores are 0`() {
    let metrics = AnswerCounter(allowsNoAnswer: false).metrics()
    #expect(metrics.value(of: .f1) == 0)
    #expect(metrics.value(of: .exactMatch) == 0)
  }
}
