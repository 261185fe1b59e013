import Glibc
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct LayerNormGradientTests {
  private static let widths = [2, 3, 8, 15, 16, 17, 33, 100, 385]
  private static let epsilon: Float = 1e-5
  private static let rows = 5

  /// A layer normalisation of some rows, and the gradient of its output.
  private struct Norm {
    let x, g, weight, bias, output, means, inverses: GuardedMatrix
    let width: Int

    init(_ table: KernelTable, width: Int, rows: Int = LayerNormGradientTests.rows) throws {
      var random = SplitMix64(seed: UInt64(width))
      self.width = width
      x = try GuardedMatrix(rows: rows, columns: width) { _, _ in 0.5 + 2 * random.unit() }
      g = try GuardedMatrix(rows: rows, columns: width, using: &random)
      weight = try GuardedMatrix(rows: 1, columns: width, scale: 2, using: &random)
      bias = try GuardedMatrix(rows: 1, columns: width, using: &random)
      output = try GuardedMatrix(rows: rows, columns: width)
      means = try GuardedMatrix(rows: 1, columns: rows)
      inverses = try GuardedMatrix(rows: 1, columns: rows)
      table.training.layerNorm(
        x.view, weight.view.pointer, bias.view.pointer, epsilon, output.view, moments)
    }

    var moments: NormMoments {
      NormMoments(means: means.view.pointer, inverseDeviations: inverses.view.pointer)
    }

    func backward(_ table: KernelTable, _ g: Matrix<Float>, into dx: Matrix<Float>) {
      table.training.layerNormBackward(g, x.view, moments, weight.view.pointer, dx)
    }

    /// x̂ of a row in double precision.
    static func normal(_ row: [Double]) -> [Double] {
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      return row.map { ($0 - mean) / (variance + Double(epsilon)).squareRoot() }
    }

    func row(_ index: Int, of matrix: GuardedMatrix) -> [Double] {
      (0..<width).map { Double(matrix.view.row(index)[$0]) }
    }

    /// Σ g (x̂ weight + bias) of a row, of which `x` replaces the input.
    func loss(_ index: Int, _ x: [Double]) -> Double {
      let (g, normal) = (row(index, of: g), Self.normal(x))
      return (0..<width).reduce(0) { sum, column in
        let weight = Double(weight.view.pointer[column])
        return sum + g[column] * (normal[column] * weight + Double(bias.view.pointer[column]))
      }
    }
  }

  @Test(arguments: Kernels.available)
  func `the forward pass of training has the bits of the other one`(table: KernelTable) throws {
    for width in Self.widths {
      let norm = try Norm(table, width: width)
      let expected = try GuardedMatrix(rows: Self.rows, columns: width)
      table.rows.layerNorm(
        norm.x.view, norm.weight.view.pointer, norm.bias.view.pointer, Self.epsilon, expected.view)
      #expect(norm.output.bits == expected.bits)
      for matrix in [norm.output, norm.means, norm.inverses] {
        #expect(matrix.isIntactOutside)
      }
      for index in 0..<Self.rows {
        let (mean, variance) = Reference.moments(norm.x.view.row(index), count: width)
        let inverse = 1 / (variance + Double(Self.epsilon)).squareRoot()
        #expect(abs(Double(norm.means.view.pointer[index]) - mean) < 1e-5)
        #expect(abs(Double(norm.inverses.view.pointer[index]) - inverse) < 1e-4 * inverse)
      }
    }
  }

  @Test(arguments: Kernels.available)
  func `the gradient of the input equals central differences`(table: KernelTable) throws {
    var worst = WorstError()
    for width in Self.widths {
      let norm = try Norm(table, width: width)
      let dx = try GuardedMatrix(rows: Self.rows, columns: width)
      norm.backward(table, norm.g.view, into: dx.view)
      for index in 0..<Self.rows {
        var x = norm.row(index, of: norm.x)
        // |a| is below 2, |x̂| below √width, and a mean below its terms.
        let inverse = Double(norm.inverses.view.pointer[index])
        let scale = 2 * inverse * (2 + Norm.normal(x).map { abs($0) }.max().unsafelyUnwrapped)
        for column in 0..<width {
          let (value, h) = (x[column], 1e-5 / inverse)
          x[column] = value + h
          let above = norm.loss(index, x)
          x[column] = value - h
          let below = norm.loss(index, x)
          x[column] = value
          worst.add(
            dx.view.row(index)[column], expected: (above - below) / (2 * h),
            tolerance: (1e-8 + Double(width + 16) * Tolerance.u * (1 + inverse)) * scale,
            at: "[\(index), \(column)] of \(width) columns")
        }
      }
      #expect(dx.isIntactOutside)
      let inPlace = try GuardedMatrix(copying: norm.g.view)
      norm.backward(table, inPlace.view, into: inPlace.view)
      #expect(inPlace.bits == dx.bits && inPlace.isIntactOutside)
    }
    worst.check()
  }

  @Test(arguments: Kernels.available)
  func `gradients of weight and bias are sums over rows, with the same bits however they are cut`(
    table: KernelTable
  ) throws {
    var worst = WorstError()
    let rows = 70
    for width in Self.widths {
      let norm = try Norm(table, width: width, rows: rows)
      func sums(_ cuts: [(rows: Range<Int>, columns: Range<Int>)]) throws -> [GuardedMatrix] {
        let both = try [1, 2].map { start in
          try GuardedMatrix(rows: 1, columns: width) { _, _ in Float(start) }
        }
        for cut in cuts {
          table.training.addNormGradients(
            norm.g.view.rows(cut.rows), norm.x.view.rows(cut.rows),
            norm.moments.from(cut.rows.lowerBound), cut.columns, both[0].view.pointer,
            both[1].view.pointer)
        }
        #expect(both[0].isIntactOutside && both[1].isIntactOutside)
        return both
      }
      let whole = try sums([(0..<rows, 0..<width)])
      let normals = (0..<rows).map { Norm.normal(norm.row($0, of: norm.x)) }
      for column in 0..<width {
        var (weight, bias) = (Reference.Sum().adding(1), Reference.Sum().adding(2))
        for row in 0..<rows {
          let g = norm.g.view.row(row)[column]
          weight.add(Double(g) * normals[row][column])
          bias.add(Double(g))
        }
        worst.add(
          whole[0].view.pointer[column], expected: weight.value,
          tolerance: Double(width + rows + 16) * Tolerance.u * 4
            * (weight.magnitude + bias.magnitude),
          at: "weight \(column) of \(width)")
        worst.add(
          whole[1].view.pointer[column], expected: bias.value,
          tolerance: Tolerance.sum(depth: rows, magnitude: bias.magnitude),
          at: "bias \(column) of \(width)")
      }
      let cut = width / 2
      let parts = try sums([
        (0..<9, cut..<width), (0..<9, 0..<cut), (9..<rows, 0..<cut), (9..<rows, cut..<width),
      ])
      #expect(parts.map(\.bits) == whole.map(\.bits))
    }
    worst.check()
  }
}
