import Testing

@testable import SwiftletBenchmark

@Suite struct WorkTests {
  /// One layer of width 2 and inner width 3, counted by hand for one text of 5 tokens and 2 labels.
  @Test func `the last layer is counted at the row that is read`() {
    let shape = ModelShape(
      vocabularySize: 9, dimension: 2, layerCount: 1, hiddenDimension: 3, headCount: 1,
      maximumPositions: 8)
    let cost = ForwardCost(shape, lengths: [5])
    let keysAndValues = 5 * 2 * (2 * 2 + 2 * 2)
    let row = 2 * (2 * 2) + 2 * (2 * 2) + 2 * (2 * 3) + 2 * (3 * 2)
    let head = 2 * (2 * 2) + 2 * (2 * 2)
    #expect(cost.weightOperations == keysAndValues + row + head)
    #expect(cost.attentionOperations == 2 * (2 * 5) + 2 * (2 * 5))
  }

  @Test func `DistilBERT-base at 512 tokens is 41.5 billion operations`() {
    let cost = ForwardCost(.distilBERTBase, lengths: [512])
    #expect(cost.weightOperations == 37_459_725_312)
    #expect(cost.attentionOperations == 4 * 768 * (5 * 512 * 512 + 512))
  }

  @Test func `a batch costs what its texts cost one by one`() {
    let one = ForwardCost(.distilBERTBase, lengths: [7])
    let two = ForwardCost(.distilBERTBase, lengths: [40])
    #expect(ForwardCost(.distilBERTBase, lengths: [7, 40]).total == one.total + two.total)
  }

  @Test func `a workload has the lengths that it promises, and the same ids for the same seed`() {
    let workload = Workload(seed: 3)
    for (length, ids) in workload.latency { #expect(String(ids.count) == length) }
    #expect(workload.mixed.count == 256)
    #expect(workload.mixed.allSatisfy { (4...256).contains($0.count) })
    #expect(workload.mixed == Workload(seed: 3).mixed)
    #expect(workload.mixed != Workload(seed: 4).mixed)
    for batches in workload.mixedBatches.values {
      #expect(batches.reduce(0) { $0 + $1.count } == 256)
    }
    #expect(workload.check.sequences.map(\.count) == [20, 7, 13])
  }

  @Test func `normal numbers have the mean and the deviation asked for`() {
    var random = RandomNumbers(seed: 5)
    let values = random.normals(100_001, mean: 1, deviation: 0.5).map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(values.count == 100_001)
    // Five standard errors.
    #expect(abs(mean - 1) < 5 * 0.5 / 316 && abs(variance.squareRoot() - 0.5) < 5 * 0.5 / 447)
  }
}
