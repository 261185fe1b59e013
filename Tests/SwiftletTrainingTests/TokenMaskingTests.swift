import Testing

@testable import SwiftletTraining

struct TokenMaskingTests {
  private func masking(seed: UInt64 = 1, rate: Double = 0.15) throws -> TokenMasking {
    try TokenMasking(tokenizer: DataSample.encoding().tokenizer, seed: seed, rate: rate)
  }

  private let ids: [Int32] = [101] + (2000..<2510).map { Int32($0) } + [102]

  @Test func `a row has the same masks for a seed and an epoch, and others otherwise`() throws {
    let masking = try masking()
    let first = masking.mask(ids, row: 3, epoch: 0)
    #expect(masking.mask(ids, row: 3, epoch: 0) == first)
    #expect(masking.mask(ids, row: 3, epoch: 1) != first)
    #expect(masking.mask(ids, row: 4, epoch: 0) != first)
    #expect(try self.masking(seed: 2).mask(ids, row: 3, epoch: 0) != first)
  }

  @Test func `special tokens are never masked`() throws {
    let masking = try masking(rate: 0.99)
    for row in 0..<50 {
      let (masked, targets) = masking.mask([101, 102, 0, 103, 2001, 102], row: row, epoch: 0)
      #expect([0, 1, 2, 3, 5].allSatisfy { targets[$0] == -100 })
      #expect([101, 102, 0, 103].elementsEqual(masked[..<4]) && masked[5] == 102)
    }
  }

  @Test func `15 % are chosen; 80 % of them are masked, 10 % random, 10 % kept`() throws {
    let masking = try masking()
    var (chosen, masked, kept, random, tokens) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for row in 0..<400 {
      let (result, targets) = masking.mask(ids, row: row, epoch: 7)
      for place in ids.indices where targets[place] >= 0 {
        #expect(targets[place] == ids[place])
        chosen += 1
        if result[place] == 103 {
          masked += 1
        } else if result[place] == ids[place] {
          kept += 1
        } else {
          random += 1
        }
        #expect((0..<30522).contains(result[place]))
      }
      for place in ids.indices where targets[place] < 0 { #expect(result[place] == ids[place]) }
      tokens += 510
    }
    // Six standard deviations of 204,000 and of 30,600 draws.
    #expect((chosen / tokens - 0.15).magnitude < 6 * (0.15 * 0.85 / tokens).squareRoot())
    #expect((masked / chosen - 0.8).magnitude < 6 * (0.8 * 0.2 / chosen).squareRoot())
    #expect((kept / chosen - 0.1).magnitude < 6 * (0.1 * 0.9 / chosen).squareRoot())
    #expect((random / chosen - 0.1).magnitude < 6 * (0.1 * 0.9 / chosen).squareRoot())
  }

  @Test(arguments: [0.0, 1, -1, .nan])
  func `a rate that is not a share is an error`(rate: Double) {
    #expect(throws: TrainingError.self) { try masking(rate: rate) }
  }
}
