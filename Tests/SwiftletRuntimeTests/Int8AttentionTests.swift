import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

@Suite(.enabled(if: !tables.isEmpty, "no AVX512_VNNI: no attention of int8 runs"))
struct Int8AttentionTests {
  @Test(arguments: tables, [16, 32, 48, 64])
  func `int8 attention is near the exact one and writes nothing else`(
    table: KernelTable, size: Int
  ) throws {
    for length in [1, 2, 31, 33, 64, 129, 512] {
      for scale in [0.1, 1, 3] as [Float] {
        let heads = try AttentionCase(length: length, size: size, queries: 13, scale: scale)
        let out = try heads.attendInt8(table)
        let error = heads.error(out)
        #expect(error.root <= 0.008 && error.largest <= 0.05, "\(error) \(length) \(scale)")
        #expect(out.isIntactOutside)
      }
    }
  }

  /// Bytes for the full range of the keys would lose their differences.
  @Test(arguments: tables)
  func `a component that all keys share costs no precision`(table: KernelTable) throws {
    let heads = try AttentionCase(length: 100, size: 64, queries: 20, scale: 3, common: 100)
    #expect(heads.error(try heads.attendInt8(table)).root <= 0.008)
  }

  /// 511 keys with a thousandth of the weight of one more, and with half as much all together.
  @Test(arguments: tables)
  func `many small probabilities are kept`(table: KernelTable) throws {
    let (length, size) = (512, 16)
    let high = Float(6.9)
    let heads = try AttentionCase(
      query: GuardedMatrix(rows: 3, columns: size) { _, column in column == 0 ? 4 : 0 },
      key: GuardedMatrix(rows: length, columns: size) { row, column in
        column == 0 && row == 7 ? high : 0
      },
      value: GuardedMatrix(rows: length, columns: size) { row, _ in row == 7 ? -1 : 1 })
    let error = heads.error(try heads.attendInt8(table))
    #expect(error.largest <= 0.03)
  }

  @Test(arguments: tables)
  func `sums of the longest rows and largest words stay within 32 bits`(table: KernelTable) throws {
    for length in [127, 128, 129, 512, 3001, 20_000] {
      let flat = try GuardedMatrix(rows: length, columns: 16) { _, column in
        column % 2 == 0 ? 1 : -1
      }
      let heads = try AttentionCase(
        query: GuardedMatrix(rows: 2, columns: 16) { _, _ in 0 }, key: flat, value: flat)
      let out = try heads.attendInt8(table)
      for column in 0..<16 {
        #expect(abs(out.view.row(1)[column] - (column % 2 == 0 ? 1 : -1)) <= 0.005)
      }
    }
  }

  @Test(arguments: tables)
  func `scores of thousands select one key`(table: KernelTable) throws {
    let heads = try AttentionCase(length: 65, size: 32, queries: 9, scale: 400)
    #expect(heads.error(try heads.attendInt8(table)).root <= 0.05)
  }

  @Test(arguments: tables)
  func `a query has the same bits alone and in any block`(table: KernelTable) throws {
    let heads = try AttentionCase(length: 65, size: 32, queries: 29, scale: 2)
    let attend = try #require(table.attention.int8)
    try heads.expectSameBitsInAnyBlock(table, attend)
  }

  @Test(arguments: tables, [Float.nan, .infinity, -.infinity])
  func `a non-finite input gives NaN exactly in the outputs that use it`(
    table: KernelTable, flaw: Float
  ) throws {
    for place in 0..<3 {
      let matrices = try (0..<3).map { index in
        try GuardedMatrix(rows: 70, columns: 32) { row, column in
          index == place && row == 5 && column == 3 ? flaw : Float((row * 7 + column) % 11) / 11
        }
      }
      let heads = AttentionCase(query: matrices[0], key: matrices[1], value: matrices[2])
      let out = try heads.attendInt8(table)
      for row in 0..<70 {
        for column in 0..<32 {
          let dependsOnIt = [row == 5, true, column == 3][place]
          #expect(out.view.row(row)[column].isNaN == dependsOnIt)
        }
      }
    }
  }

  @Test(arguments: tables)
  func `zero values and keys give zeros`(table: KernelTable) throws {
    let nothing = try GuardedMatrix(rows: 66, columns: 16) { _, _ in 0 }
    let some = try GuardedMatrix(rows: 66, columns: 16) { row, _ in Float(row) - 32.5 }
    let none = try AttentionCase(query: some, key: some, value: nothing).attendInt8(table)
    #expect(none.bits.joined().allSatisfy { $0 & 0x7FFF_FFFF == 0 })
    // Equal probabilities, and a mean of zero.
    let even = try AttentionCase(query: nothing, key: nothing, value: some).attendInt8(table)
    #expect(even.view.row(3)[2].magnitude <= 0.001)
  }

  @Test func `only int8 uses integer attention, and only above a size`() throws {
    for table in Kernels.available {
      let kernels = { (precision: Precision) in
        try Kernels(instructionSet: table.name, backend: .native, precision: precision)
      }
      #expect(try !isInt8(kernels(.float32).attention(length: 512, headSize: 64), table))
      #expect(try !isInt8(kernels(.int8).attention(length: 16, headSize: 64), table))
      #expect(try !isInt8(kernels(.int8).attention(length: 512, headSize: 26), table))
      let hasIt = table.attention.int8 != nil
      #expect(try isInt8(kernels(.int8).attention(length: 512, headSize: 64), table) == hasIt)
    }
  }

  /// Whether a head has the bits of int8 attention and not those of float32.
  private func isInt8(
    _ attend: @escaping AttentionKernels.Attend, _ table: KernelTable
  ) throws -> Bool {
    let heads = try AttentionCase(length: 64, size: 16, queries: 4, scale: 1)
    let found = try heads.attend(table, attend).bits
    if found == (try heads.attend(table, table.attention.float32).bits) { return false }
    let int8 = try #require(table.attention.int8)
    #expect(try heads.attend(table, int8).bits == found)
    return true
  }
}

private let tables = Kernels.available.filter { $0.attention.int8 != nil }

extension AttentionCase {
  fileprivate func attendInt8(_ table: KernelTable) throws -> GuardedMatrix {
    let int8 = try #require(table.attention.int8)
    return try attend(table, int8)
  }

  /// The distance from the exact result: root mean square, and maximum.
  fileprivate func error(_ out: GuardedMatrix) -> (root: Double, largest: Double) {
    let errors = withExtendedLifetime(out) {
      expected.indices.flatMap { row in
        expected[row].indices.map { abs(Double(out.view.row(row)[$0]) - expected[row][$0]) }
      }
    }
    let squares = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    return (squares.squareRoot(), errors.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) })
  }
}
