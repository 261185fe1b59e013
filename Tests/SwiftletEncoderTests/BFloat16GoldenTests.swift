import SwiftletRuntime
import Testing

@testable import SwiftletEncoder

/// Products in bfloat16 against torch's with the same rounded operands and float32 sums.
@Suite struct BFloat16GoldenTests {
  /// nil where the processor cannot multiply bfloat16.
  static let kernels = try? Kernels(
    instructionSet: nil, backend: .native, precision: .bfloat16)
  static let isMissing = Comment("no AVX512_BF16: products in bfloat16 are not compared")

  @Test func `the golden answers are there, and sharper than the distance of float32`() throws {
    let all = BFloat16Golden.all
    #expect(all.count == 15)
    #expect(Set(all.map(\.answers.task.rawValue)).count == 5)
    for golden in all {
      let bound = try golden.bound()
      #expect(golden.answers.sumError < bound, "\(golden.name)")
      #expect(golden.answers.float32Distance > 2 * bound, "\(golden.name)")
    }
  }

  @Test(.enabled(if: kernels != nil, isMissing), arguments: BFloat16Golden.all)
  func `outputs equal torch's with rounded operands and float32 sums`(
    golden: BFloat16Golden
  ) throws {
    let kernels = try #require(Self.kernels)
    let model = try BFloat16Model(golden, kernels, threads: 1)
    let expected = golden.answers.cases.map(\.outputs)
    let found = try golden.answers.cases.map { try model.outputs([$0.tokens]) }
    #expect(found.map(\.count) == expected.map(\.count))
    let error = relativeError(found.flatMap { $0 }, expected.flatMap { $0 })
    #expect(error <= (try golden.bound()), "\(error)")
  }

  @Test(
    .enabled(if: kernels != nil, isMissing), arguments: BFloat16Golden.all,
    ModelPasses.threadCounts)
  func `outputs have the same bits alone, in a batch and on any number of threads`(
    golden: BFloat16Golden, threads: Int
  ) throws {
    let kernels = try #require(Self.kernels)
    let sequences = golden.answers.cases.map(\.tokens)
    let single = try BFloat16Model(golden, kernels, threads: 1)
    let alone = try sequences.flatMap { try single.outputs([$0]) }
    let together = try BFloat16Model(golden, kernels, threads: threads).outputs(sequences)
    #expect(together.map { $0.map(\.bitPattern) } == alone.map { $0.map(\.bitPattern) })
  }
}
