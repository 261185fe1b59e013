import Testing

@testable import SwiftletTraining

@Suite struct PairSamplerTests {
  private func pairs(_ sampler: PairSampler) -> [PairSampler.Pair] {
    (0..<sampler.count).map { sampler[$0] }
  }

  private func key(_ pair: PairSampler.Pair) -> [Int] { [pair.first, pair.second].sorted() }

  @Test(arguments: [[0, 0, 1, 1], [2, 0, 1, 2, 2, 0, 1], [0, 0, 0, 0, 0, 1]])
  func `Every pair is there once, with the sign of its labels`(labels: [Int]) {
    let all = pairs(PairSampler(labels: labels, strategy: .unique, seed: 7))
    let n = labels.count
    #expect(all.count == n * (n + 1) / 2)
    #expect(Set(all.map(key)).count == all.count)
    for pair in all { #expect(pair.isPositive == (labels[pair.first] == labels[pair.second])) }
  }

  @Test func `Oversampling repeats the smaller kind and alternates`() {
    let labels = [0, 0, 1, 1, 2, 2]
    let sampler = PairSampler(labels: labels, seed: 42)
    // 9 positive pairs with the rows themselves, 12 negative ones.
    #expect(sampler.positiveCount == 12 && sampler.negativeCount == 12)
    let all = pairs(sampler)
    #expect(all.enumerated().allSatisfy { $0.element.isPositive == ($0.offset % 2 == 0) })
    #expect(Set(all.filter(\.isPositive).map(key)).count == 9)
    #expect(Set(all.filter { !$0.isPositive }.map(key)).count == 12)
  }

  @Test func `Undersampling, iterations and a limit set the counts`() {
    let labels = [0, 0, 1, 1, 2, 2]
    let under = PairSampler(labels: labels, strategy: .undersampling, seed: 1)
    #expect(under.positiveCount == 9 && under.negativeCount == 9)
    let rounds = PairSampler(labels: labels, strategy: .iterations(20), seed: 1)
    #expect(rounds.count == 2 * 20 * 6)
    #expect(PairSampler(labels: labels, limit: 7, seed: 1).count == 6)
    #expect(PairSampler(labels: labels, strategy: .iterations(20), limit: 0, seed: 1).count == 0)
  }

  @Test func `Rows of one label have positive pairs only, no rows have none`() {
    let same = PairSampler(labels: [3, 3, 3], seed: 1)
    #expect(same.positiveCount == 6 && same.negativeCount == 0)
    #expect(pairs(same).allSatisfy { $0.isPositive })
    #expect(PairSampler(labels: [], seed: 1).count == 0)
  }

  @Test func `Rows with several labels are positive if they share one`() {
    let sets = [[0, 1], [1], [2], [], [2, 0], [1, 0]]
    let all = pairs(PairSampler(labelSets: sets, strategy: .unique, seed: 3))
    #expect(all.count == 21 && Set(all.map(key)).count == 21)
    for pair in all {
      let shared = Set(sets[pair.first]).intersection(sets[pair.second])
      #expect(pair.isPositive == !shared.isEmpty)
    }
  }

  @Test func `The seed alone decides the order`() {
    let labels = (0..<60).map { $0 % 7 }
    let first = pairs(PairSampler(labels: labels, seed: 5))
    #expect(first == pairs(PairSampler(labels: labels, seed: 5)))
    #expect(first != pairs(PairSampler(labels: labels, seed: 6)))
  }

  @Test func `A hundred thousand rows take no list of pairs`() {
    let labels = (0..<100_000).map { $0 % 150 }
    let sampler = PairSampler(labels: labels, limit: 1_000_000, seed: 9)
    #expect(sampler.count == 1_000_000)
    for index in stride(from: 0, to: sampler.count, by: 99_991) {
      let pair = sampler[index]
      #expect((labels[pair.first] == labels[pair.second]) == pair.isPositive)
    }
  }

  @Test(arguments: [1, 2, 5, 16, 17, 1000])
  func `A permutation holds every number once`(count: Int) {
    let order = Permutation(count: count, seed: 11)
    #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count))
  }
}
