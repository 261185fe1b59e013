import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct AttentionTests {
  @Test(arguments: Kernels.available, [1, 7, 10, 32, 64])
  func `attention equals the exact one within rounding and writes nothing else`(
    table: KernelTable, size: Int
  ) throws {
    var worst = WorstError()
    for heads in try Self.heads.get() where heads.size == size {
      let out = try heads.attend(table)
      for row in 0..<out.view.rows {
        for column in 0..<size {
          worst.add(
            out.view.row(row)[column], expected: heads.expected[row][column],
            tolerance: heads.tolerance, at: "[\(row), \(column)] of \(heads.length) keys")
        }
      }
      #expect(out.isIntactOutside)
    }
    worst.check()
  }

  private static let heads = Result {
    try [1, 7, 10, 32, 64].flatMap { size in
      try [1, 2, 5, 31, 32, 33, 129, 512].map { length in
        // Fewer queries than keys where there are many.
        try AttentionCase(
          length: length, size: size, queries: length > 100 ? 13 : length, scale: 1)
      }
    }
  }

  @Test(arguments: Kernels.available, [1, 5, 6, 7, 12, 13, 27])
  func `any number of queries is allowed, also fewer than keys`(
    table: KernelTable, queries: Int
  ) throws {
    let heads = try AttentionCase(length: 27, size: 10, queries: queries, scale: 1)
    var worst = WorstError()
    let out = try heads.attend(table)
    for row in 0..<queries {
      for column in 0..<10 {
        worst.add(
          out.view.row(row)[column], expected: heads.expected[row][column],
          tolerance: heads.tolerance, at: "[\(row), \(column)]")
      }
    }
    worst.check()
  }

  @Test(arguments: Kernels.available)
  func `scores of hundreds do not overflow`(table: KernelTable) throws {
    for (length, size) in [(1, 64), (33, 7), (129, 32), (512, 64)] {
      for scale in [10, 40, 1e4] as [Float] {
        let heads = try AttentionCase(length: length, size: size, queries: 5, scale: scale)
        let out = try heads.attend(table)
        var worst = WorstError()
        for row in 0..<5 {
          for column in 0..<size {
            worst.add(
              out.view.row(row)[column], expected: heads.expected[row][column],
              // Beyond that the scores' own rounding decides, but a mean stays a mean.
              tolerance: min(heads.tolerance, 2), at: "\(length) keys, scale \(scale)")
          }
        }
        worst.check()
      }
    }
  }

  @Test(arguments: Kernels.available)
  func `probabilities add up to one`(table: KernelTable) throws {
    for length in [1, 2, 15, 16, 17, 33, 500] {
      let heads = try AttentionCase(length: length, size: 9, queries: 7, scale: 3, isFlat: true)
      let out = try heads.attend(table)
      for row in 0..<7 {
        for column in 0..<9 {
          let error = Double(abs(out.view.row(row)[column] - 1))
          #expect(error <= Double(length + 4) * Tolerance.u)
        }
      }
    }
  }

  @Test(arguments: Kernels.available)
  func `a query has the same bits alone and in any block`(table: KernelTable) throws {
    let heads = try AttentionCase(length: 33, size: 10, queries: 29, scale: 2)
    try heads.expectSameBitsInAnyBlock(table)
  }
}

/// Queries, keys and values of one head, and their exact attention.
final class AttentionCase: @unchecked Sendable {
  let length: Int
  let size: Int
  let expected: [[Double]]
  let tolerance: Double
  private let query: GuardedMatrix
  private let key: GuardedMatrix
  private let value: GuardedMatrix
  private var factor: Float { 1 / Float(size).squareRoot() }

  /// `scale` is that of queries and keys, `common` is added to a third of all keys' numbers; values are
  /// within -1...1, flat ones all 1.
  convenience init(
    length: Int, size: Int, queries: Int, scale: Float, common: Float = 0, isFlat: Bool = false
  ) throws {
    var random = SplitMix64(seed: UInt64(1000 * length + size))
    try self.init(
      query: GuardedMatrix(rows: queries, columns: size, scale: scale, using: &random),
      key: GuardedMatrix(rows: length, columns: size) { _, column in
        scale * random.unit() + (column % 3 == 0 ? common : 0)
      },
      value: GuardedMatrix(rows: length, columns: size) { _, _ in isFlat ? 1 : random.unit() })
  }

  init(query: GuardedMatrix, key: GuardedMatrix, value: GuardedMatrix) {
    (self.query, self.key, self.value) = (query, key, value)
    (length, size) = (key.view.rows, key.view.columns)
    let exact = Reference.attention(
      query.view, key.view, value.view, scale: 1 / Float(size).squareRoot())
    expected = exact.rows
    tolerance = Tolerance.attention(
      length: length, size: size, products: exact.products, value: 1)
  }

  /// Attends with exactly the scratch that the kernel needs: by the table's float attention unless another
  /// is given, with the count of float32 and int8 unless another is given.
  func attend(
    _ table: KernelTable, _ attention: AttentionKernels.Attend? = nil,
    scratchCount: AttentionKernels.ScratchCount? = nil, queries: Range<Int>? = nil
  ) throws -> GuardedMatrix {
    let query = query.view.rows(queries ?? 0..<query.view.rows)
    let out = try GuardedMatrix(rows: query.rows, columns: size)
    let scratchCount = scratchCount ?? table.attention.scratchCount
    let scratch = try GuardedMatrix(rows: 1, columns: scratchCount(length, size))
    let attention = attention ?? table.attention.float32
    withExtendedLifetime((self, scratch)) {
      attention(query, key.view, value.view, out.view, factor, scratch.view.pointer)
    }
    return out
  }

  /// Whether each of the queries has the same bits alone, and as the first of a block.
  func expectSameBitsInAnyBlock(
    _ table: KernelTable, _ attention: AttentionKernels.Attend? = nil,
    scratchCount: AttentionKernels.ScratchCount? = nil
  ) throws {
    func bits(_ queries: Range<Int>? = nil) throws -> [[UInt32]] {
      try attend(table, attention, scratchCount: scratchCount, queries: queries).bits
    }
    let all = try bits()
    for row in all.indices {
      #expect(try bits(row..<row + 1) == [all[row]])
      #expect(try bits(row..<all.count) == Array(all[row...]))
    }
  }
}
