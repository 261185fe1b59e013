import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct DropoutTests {
  private static func keys(_ count: Int, seed: UInt32 = 42) -> [UInt32] {
    (0..<count).map { Dropout.mix(seed, UInt32($0)) }
  }

  /// The factor by its definition.
  private static func factor(_ dropout: Dropout, rowKey: UInt32, column: Int) -> Float {
    let number = Dropout.scrambled(
      (rowKey ^ dropout.key) &+ UInt32(column) &* Dropout.increment)
    return number >= dropout.threshold ? dropout.scale : 0
  }

  /// The factors of all elements: dropout of ones.
  private static func mask(
    _ table: KernelTable, _ dropout: Dropout, rows: Int, columns: Int
  ) throws -> GuardedMatrix {
    let matrix = try GuardedMatrix(rows: rows, columns: columns) { _, _ in 1 }
    table.training.dropout(matrix.view, keys(rows), dropout, matrix.view)
    #expect(matrix.isIntactOutside)
    return matrix
  }

  @Test(arguments: Kernels.available, [0, 0.1, 0.5, 0.999])
  func `every instruction set computes the factors of the definition`(
    table: KernelTable, probability: Double
  ) throws {
    let dropout = Dropout(probability: probability, key: 7)
    for columns in [1, 3, 4, 15, 16, 31, 33, 100] {
      let mask = try Self.mask(table, dropout, rows: 9, columns: columns)
      for (row, key) in Self.keys(9).enumerated() {
        for column in 0..<columns {
          #expect(
            mask.view.row(row)[column] == Self.factor(dropout, rowKey: key, column: column))
        }
      }
    }
  }

  @Test(arguments: [0.1, 0.2, 0.5])
  func `elements are dropped with the probability, and the others scaled`(
    probability: Double
  ) throws {
    let table = try #require(Kernels.available.first)
    let (rows, columns) = (500, 768)
    let dropout = Dropout(probability: probability, key: Dropout.mix(1, 2))
    let mask = try Self.mask(table, dropout, rows: rows, columns: columns)
    let values = (0..<rows).flatMap { row in (0..<columns).map { mask.view.row(row)[$0] } }
    let count = Double(rows * columns)
    let dropped = Double(values.count { $0 == 0 })
    let deviation = (count * probability * (1 - probability)).squareRoot()
    #expect(abs(dropped - count * probability) < 4 * deviation)
    #expect(values.allSatisfy { $0 == 0 || $0 == Float(1 / (1 - probability)) })
  }

  /// Masks that differ in one of the numbers that make a key, or by a shift of rows or columns.
  @Test func `masks of other sites, steps, rows and columns are independent`() throws {
    let table = try #require(Kernels.available.first)
    let (rows, columns, p) = (300, 512, 0.25)
    func mask(site: UInt32, seed: UInt32) throws -> [[Bool]] {
      let matrix = try GuardedMatrix(rows: rows, columns: columns) { _, _ in 1 }
      let keys = Self.keys(rows, seed: seed)
      table.training.dropout(
        matrix.view, keys, Dropout(probability: p, key: Dropout.mix(0, site)), matrix.view)
      return (0..<rows).map { row in (0..<columns).map { matrix.view.row(row)[$0] == 0 } }
    }
    func bothDropped(_ a: [[Bool]], _ b: [[Bool]]) -> Double {
      Double(zip(a, b).reduce(0) { sum, pair in sum + zip(pair.0, pair.1).count { $0 && $1 } })
    }
    let first = try mask(site: 1, seed: 1)
    let others = [
      try mask(site: 2, seed: 1), try mask(site: 1, seed: 2), Array(first.dropFirst()),
      first.map { Array($0.dropFirst()) },
    ]
    for other in others {
      let count = Double(other.count * other[0].count)
      let deviation = (count * p * p * (1 - p * p)).squareRoot()
      #expect(abs(bothDropped(first, other) - count * p * p) < 4 * deviation)
    }
  }

  @Test(arguments: Kernels.available)
  func `the sum with a residual is the product plus the residual`(table: KernelTable) throws {
    var random = SplitMix64(seed: 3)
    var worst = WorstError()
    let keys = Self.keys(6)
    for columns in [1, 7, 16, 33, 67] {
      let x = try GuardedMatrix(rows: 6, columns: columns, using: &random)
      let residual = try GuardedMatrix(rows: 6, columns: columns, scale: 3, using: &random)
      let dropout = Dropout(probability: 0.3, key: 5)
      let out = try GuardedMatrix(rows: 6, columns: columns)
      table.training.addDropout(x.view, keys, dropout, residual.view, out.view)
      for row in 0..<6 {
        for column in 0..<columns {
          let factor = Self.factor(dropout, rowKey: keys[row], column: column)
          let product = Double(x.view.row(row)[column]) * Double(factor)
          let base = Double(residual.view.row(row)[column])
          worst.add(
            out.view.row(row)[column], expected: base + product,
            tolerance: 2 * Tolerance.u * (abs(base) + abs(product)), at: "\(row), \(column)")
        }
      }
      for target in [try GuardedMatrix(copying: x.view), try GuardedMatrix(copying: residual.view)]
      {
        let isX = target.bits == x.bits
        table.training.addDropout(
          isX ? target.view : x.view, keys, dropout, isX ? residual.view : target.view, target.view)
        #expect(target.bits == out.bits && target.isIntactOutside)
      }
    }
    worst.check()
  }

  @Test(arguments: Kernels.available)
  func `with probability 0 nothing changes`(table: KernelTable) throws {
    var random = SplitMix64(seed: 4)
    let x = try GuardedMatrix(rows: 3, columns: 37, using: &random)
    let residual = try GuardedMatrix(rows: 3, columns: 37, using: &random)
    let none = Dropout(probability: 0, key: 9)
    let (copy, sum) = try (
      GuardedMatrix(rows: 3, columns: 37), GuardedMatrix(rows: 3, columns: 37)
    )
    table.training.dropout(x.view, Self.keys(3), none, copy.view)
    table.training.addDropout(x.view, Self.keys(3), none, residual.view, sum.view)
    #expect(copy.bits == x.bits)
    for row in 0..<3 {
      for column in 0..<37 {
        #expect(
          sum.view.row(row)[column] == residual.view.row(row)[column] + x.view.row(row)[column])
      }
    }
  }

  @Test func `different numbers mix into different keys`() {
    let keys = (0..<1000 as Range<UInt32>).map { Dropout.mix(3, $0) }
    #expect(Set(keys).count == 1000)
    #expect(Dropout.mix(Dropout.mix(0, 1), 2) != Dropout.mix(Dropout.mix(0, 2), 1))
  }
}
