import Testing

@testable import SwiftletTraining

@Suite struct EpochOrderTests {
  @Test func `An order equals torch's permutation of the seed`() throws {
    let goldens = try OptimizerGolden.load().orders.plain
    #expect(goldens.count == 8)
    for golden in goldens {
      let order = EpochOrder(rows: golden.rows, seed: golden.seed)
      #expect(order.order(ofEpoch: 0) == golden.order, "\(golden.rows), \(golden.seed)")
    }
  }

  @Test func `An epoch adds its number to the seed`() {
    let (order, next) = (EpochOrder(rows: 100, seed: 42), EpochOrder(rows: 100, seed: 43))
    #expect(order.order(ofEpoch: 1) == next.order(ofEpoch: 0))
    #expect(order.order(ofEpoch: 1) != order.order(ofEpoch: 0))
  }

  @Test func `Length grouping equals that of transformers`() throws {
    let goldens = try OptimizerGolden.load().orders.grouped
    #expect(goldens.count == 3)
    for golden in goldens {
      let order = EpochOrder(rows: golden.rows, seed: golden.seed).lengthGroupedOrder(
        ofEpoch: 0, lengths: try #require(golden.lengths), batchSize: try #require(golden.batchSize)
      )
      #expect(order == golden.order)
    }
  }

  @Test func `Length grouping of no rows is empty`() {
    let order = EpochOrder(rows: 0, seed: 1)
    #expect(order.lengthGroupedOrder(ofEpoch: 0, lengths: [], batchSize: 8) == [])
  }
}
