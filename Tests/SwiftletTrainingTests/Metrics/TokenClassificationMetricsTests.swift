import Testing

@testable import SwiftletTraining

@Suite struct TokenClassificationMetricsTests {
  @Test func `Entities are counted as by seqeval`() throws {
    let goldens = try MetricsGolden.load().tokens
    #expect(goldens.count == 3)
    for golden in goldens {
      var counter = TokenClassificationCounter(
        labels: golden.labels, mode: golden.mode == "strict" ? .strict : .lenient)
      for (predicted, truth) in zip(golden.predicted, golden.truth) {
        counter.add(predicted: predicted, truth: truth)
      }
      let metrics = counter.metrics()
      #expect(isClose(metrics.value(of: .precision), golden.precision))
      #expect(isClose(metrics.value(of: .recall), golden.recall))
      #expect(isClose(metrics.value(of: .f1), golden.f1))
      #expect(isClose(metrics.macroF1, golden.macroF1))
      #expect(isClose(metrics.value(of: .accuracy), golden.accuracy))
      guard let support = golden.support else { continue }
      // seqeval sorts its kinds.
      let kinds = metrics.perKind.sorted { $0.label < $1.label }
      #expect(kinds.map(\.support) == support)
    }
  }

  private func entities(_ labels: [String], _ mode: EntityScheme.Mode) -> [String] {
    let scheme = EntityScheme(labels: ["O", "B-PER", "I-PER", "I-LOC"], mode: mode)
    let indices = labels.map { ["O": 0, "B-PER": 1, "I-PER": 2, "I-LOC": 3][$0] ?? 0 }
    return scheme.entities(in: indices).map { "\(scheme.kinds[$0.kind]) \($0.first)-\($0.last)" }
  }

  @Test func `An inside label without a begin is an entity in lenient mode only`() {
    let labels = ["I-PER", "I-PER", "O", "B-PER", "I-LOC", "I-LOC"]
    #expect(entities(labels, .lenient) == ["PER 0-1", "PER 3-3", "LOC 4-5"])
    #expect(entities(labels, .strict) == ["PER 3-3"])
  }

  @Test func `An entity may reach the end of the text`() {
    #expect(entities(["O", "B-PER", "I-PER"], .lenient) == ["PER 1-2"])
    #expect(entities(["B-PER", "B-PER"], .strict) == ["PER 0-0", "PER 1-1"])
    #expect(entities([], .lenient) == [])
  }

  @Test func `The label O is not a kind of entity`() {
    let metrics = TokenClassificationCounter(labels: ["O", "B-PER", "I-PER"]).metrics()
    #expect(metrics.perKind.map(\.label) == ["PER"])
    #expect(metrics.entities.f1 == 0)
  }
}
