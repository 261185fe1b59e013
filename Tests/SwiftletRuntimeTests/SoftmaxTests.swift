import Glibc
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct SoftmaxTests {
  @Test(arguments: Kernels.available, [1, 2, 7, 16, 33, 150, 30_522])
  func `rows become probabilities with the logarithms of their sums`(
    table: KernelTable, columns: Int
  ) throws {
    var random = SplitMix64(seed: UInt64(columns))
    var worst = WorstError()
    let rows: [(offset: Float, scale: Float)] = [(0, 1), (0, 60), (1e4, 5), (-300, 0.1)]
    let logits = try GuardedMatrix(rows: rows.count, columns: columns) { row, _ in
      rows[row].offset + rows[row].scale * random.unit()
    }
    let found = try GuardedMatrix(copying: logits.view)
    let sums = try GuardedMatrix(rows: 1, columns: rows.count)
    table.training.softmax(found.view, sums.view.pointer)
    for row in rows.indices {
      let z = (0..<columns).map { Double(logits.view.row(row)[$0]) }
      let largest = z.max() ?? 0
      let sum = z.reduce(0) { $0 + exp($1 - largest) }
      worst.add(
        sums.view.pointer[row], expected: largest + log(sum),
        tolerance: Tolerance.exponential + 200 * Tolerance.u + 2 * Tolerance.u * abs(largest),
        at: "the sum of row \(row)")
      // The rounding of z - max is one of the exponent. Each lane sums a part of a long row.
      let sumError = 2 * Tolerance.exponential + Double(min(columns, 256) + 16) * Tolerance.u
      for column in 0..<columns {
        let exact = exp(z[column] - largest) / sum
        let relative = sumError + Tolerance.u * (largest - z[column])
        worst.add(
          found.view.row(row)[column], expected: exact, tolerance: relative * exact + 2e-38,
          at: "[\(row), \(column)]")
      }
    }
    worst.check()
    #expect(found.isIntactOutside && sums.isIntactOutside)
  }

  @Test(arguments: Kernels.available)
  func `a logit of minus infinity has the probability 0`(table: KernelTable) throws {
    let logits: [Float] = [-.infinity, 1, -.infinity, 2, 500, -.infinity, -1e38]
    for columns in [5, 7, 33] {
      let matrix = try GuardedMatrix(rows: 1, columns: columns) { _, column in
        logits[column % logits.count]
      }
      let sum = try GuardedMatrix(rows: 1, columns: 1)
      table.training.softmax(matrix.view, sum.view.pointer)
      let largest = Double((columns + 2) / 7)
      #expect(abs(Double(sum.view.pointer[0]) - (500 + log(largest))) < 1e-4)
      for column in 0..<columns {
        let value = matrix.view.pointer[column]
        #expect(
          logits[column % 7] == 500 ? abs(Double(value) - 1 / largest) < 1e-6 : value == 0)
      }
    }
  }

  @Test(
    arguments: Kernels.available,
    [[Float.nan, 1, 2], [-Float.infinity, -Float.infinity], [1, Float.infinity]] as [[Float]])
  func `a row without probabilities is NaN`(table: KernelTable, logits: [Float]) throws {
    for columns in [logits.count, 40] {
      let matrix = try GuardedMatrix(rows: 1, columns: columns) { _, column in
        logits[column % logits.count]
      }
      let sum = try GuardedMatrix(rows: 1, columns: 1)
      table.training.softmax(matrix.view, sum.view.pointer)
      #expect((0..<columns).contains { matrix.view.pointer[$0].isNaN })
    }
  }
}
