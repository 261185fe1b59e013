import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

@Suite(.enabled(if: !bfloat16Tables.isEmpty, "no AVX512_BF16: no kernel of bfloat16 runs"))
struct BFloat16AttentionTests {
  /// Numerators are off by 2^-9 of themselves at most, and so is their mean of the values.
  @Test(arguments: bfloat16Tables, [16, 32, 48, 64])
  func `attention on rounded numbers is exact but for the numerators' rounding`(
    table: KernelTable, size: Int
  ) throws {
    var worst = WorstError()
    for length in [1, 2, 31, 32, 33, 64, 129, 512] {
      for scale in [0.1, 1, 3] as [Float] {
        let heads = try roundedHeads(length: length, size: size, queries: 13, scale: scale)
        let out = try heads.attendBFloat16(table)
        for row in 0..<13 {
          for column in 0..<size {
            worst.add(
              out.view.row(row)[column], expected: heads.expected[row][column],
              tolerance: heads.tolerance + 0x1p-9,
              at: "[\(row), \(column)] of \(length) keys, scale \(scale)")
          }
        }
        #expect(out.isIntactOutside)
      }
    }
    worst.check()
  }

  @Test(arguments: bfloat16Tables)
  func `rounding queries and keys changes the result by little`(table: KernelTable) throws {
    for length in [17, 128, 512] {
      let heads = try AttentionCase(length: length, size: 64, queries: 13, scale: 1)
      let out = try heads.attendBFloat16(table)
      for row in 0..<13 {
        for column in 0..<64 {
          #expect(abs(Double(out.view.row(row)[column]) - heads.expected[row][column]) <= 0.02)
        }
      }
    }
  }

  @Test(arguments: bfloat16Tables)
  func `a query has the same bits alone and in any block`(table: KernelTable) throws {
    let heads = try AttentionCase(length: 65, size: 32, queries: 29, scale: 2)
    let kernels = try #require(table.bfloat16)
    try heads.expectSameBitsInAnyBlock(
      table, kernels.attend, scratchCount: kernels.attentionScratchCount)
  }

  @Test(arguments: bfloat16Tables, [Float.nan, .infinity])
  func `a non-finite value gives NaN or infinity in its column alone`(
    table: KernelTable, flaw: Float
  ) throws {
    let matrices = try (0..<3).map { index in
      try GuardedMatrix(rows: 70, columns: 32) { row, column in
        index == 2 && row == 5 && column == 3 ? flaw : Float((row * 7 + column) % 11) / 11
      }
    }
    let out = try AttentionCase(query: matrices[0], key: matrices[1], value: matrices[2])
      .attendBFloat16(table)
    for row in 0..<70 {
      for column in 0..<32 {
        #expect(out.view.row(row)[column].isFinite == (column != 3))
      }
    }
  }

  @Test func `only bfloat16 uses it, and only above a size`() throws {
    for table in bfloat16Tables {
      func isUsed(_ precision: Precision, length: Int, size: Int) throws -> Bool {
        let kernels = try Kernels(
          instructionSet: table.name, backend: .native, precision: precision)
        return try isBFloat16(kernels, length: length, size: size)
      }
      #expect(try !isUsed(.float32, length: 512, size: 64))
      #expect(try !isUsed(.bfloat16, length: 15, size: 64))
      #expect(try !isUsed(.bfloat16, length: 512, size: 26))
      #expect(try isUsed(.bfloat16, length: 16, size: 64))
    }
  }

  /// Whether the kernel for a length and a head size has the bits of attention in bfloat16 and not those
  /// of float32.
  private func isBFloat16(_ kernels: Kernels, length: Int, size: Int) throws -> Bool {
    let heads = try AttentionCase(length: 64, size: 16, queries: 4, scale: 1)
    let table = kernels.table
    let found = try heads.attend(
      table, kernels.attention(length: length, headSize: size),
      scratchCount: { kernels.attentionScratchCount(length: $0, headSize: $1) }
    ).bits
    if found == (try heads.attend(table, table.attention.float32).bits) { return false }
    #expect(try heads.attendBFloat16(table).bits == found)
    return true
  }

  /// Heads of numbers that bfloat16 has.
  private func roundedHeads(
    length: Int, size: Int, queries: Int, scale: Float
  ) throws -> AttentionCase {
    var random = SplitMix64(seed: UInt64(1000 * length + size))
    func matrix(_ rows: Int, _ scale: Float) throws -> GuardedMatrix {
      try GuardedMatrix(rows: rows, columns: size) { _, _ in
        BFloat16Reference.widened(BFloat16Reference.rounded(scale * random.unit()))
      }
    }
    return try AttentionCase(
      query: matrix(queries, scale), key: matrix(length, scale), value: matrix(length, 1))
  }
}

extension AttentionCase {
  fileprivate func attendBFloat16(_ table: KernelTable) throws -> GuardedMatrix {
    let kernels = try #require(table.bfloat16)
    return try attend(table, kernels.attend, scratchCount: kernels.attentionScratchCount)
  }
}
