import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct LayerNormTests {
  private static let widths = [1, 2, 3, 7, 8, 15, 16, 17, 33, 100, 384, 385]
  private static let epsilon: Float = 1e-12

  /// The offset of numbers drawn from -1 to 1, after they are multiplied.
  private static let distributions: [(offset: Float, scale: Float)] = [
    (0, 1), (3, 0.5), (1e3, 1), (-1e3, 0.01), (0, 1e-5), (0, 1e4),
  ]

  @Test(arguments: Kernels.available, [false, true])
  func `rows are normalised as in double precision and nothing else is written`(
    table: KernelTable, inPlace: Bool
  ) throws {
    var worst = WorstError()
    for width in Self.widths {
      for (offset, scale) in Self.distributions {
        var random = SplitMix64(seed: UInt64(width))
        let norm = try Norm(width: width, using: &random)
        let input = try GuardedMatrix(rows: 5, columns: width) { _, _ in
          offset + scale * random.unit()
        }
        let output =
          try inPlace
          ? GuardedMatrix(copying: input.view) : GuardedMatrix(rows: 5, columns: width)
        table.rows.layerNorm(
          inPlace ? output.view : input.view, norm.weight, norm.bias, Self.epsilon, output.view)
        norm.check(output.view, of: input.view, epsilon: Self.epsilon, &worst)
        #expect(output.isIntactOutside)
      }
    }
    worst.check()
  }

  @Test(arguments: Kernels.available)
  func `a constant row whose sum is exact becomes the bias`(table: KernelTable) throws {
    var random = SplitMix64(seed: 5)
    for width in Self.widths {
      let norm = try Norm(width: width, using: &random)
      for value in [0, 1, -3, 0.5, 1024] as [Float] {
        let matrix = try GuardedMatrix(rows: 1, columns: width) { _, _ in value }
        table.rows.layerNorm(matrix.view, norm.weight, norm.bias, Self.epsilon, matrix.view)
        for column in 0..<width { #expect(matrix.view.pointer[column] == norm.bias[column]) }
      }
    }
  }

  /// The mean of equal numbers may be off by a rounding, which the tiny epsilon magnifies: as in
  /// every float32 implementation, but by no more than the weight.
  @Test(arguments: Kernels.available)
  func `any constant row stays within a weight of the bias`(table: KernelTable) throws {
    var random = SplitMix64(seed: 6)
    for width in Self.widths {
      let norm = try Norm(width: width, using: &random)
      for value in [0.1, 1e-20, 777.7, 1e15, -3.3e18] as [Float] {
        let matrix = try GuardedMatrix(rows: 1, columns: width) { _, _ in value }
        table.rows.layerNorm(matrix.view, norm.weight, norm.bias, Self.epsilon, matrix.view)
        for column in 0..<width {
          let distance = abs(matrix.view.pointer[column] - norm.bias[column])
          #expect(distance <= 1.001 * abs(norm.weight[column]), "\(value), \(width) columns")
        }
      }
    }
  }
}

/// Weights and biases for one width.
private final class Norm {
  private let parameters: (weight: GuardedMatrix, bias: GuardedMatrix)

  var weight: UnsafePointer<Float> { UnsafePointer(parameters.weight.view.pointer) }
  var bias: UnsafePointer<Float> { UnsafePointer(parameters.bias.view.pointer) }

  init(width: Int, using random: inout SplitMix64) throws {
    parameters = (
      try GuardedMatrix(rows: 1, columns: width, scale: 2, using: &random),
      try GuardedMatrix(rows: 1, columns: width, using: &random)
    )
  }

  func check(
    _ output: Matrix<Float>, of input: Matrix<Float>, epsilon: Float, _ worst: inout WorstError
  ) {
    let width = input.columns
    for row in 0..<input.rows {
      let line = input.row(row)
      let (mean, variance) = Reference.moments(line, count: width)
      let deviation = (variance + Double(epsilon)).squareRoot()
      let largest = (0..<width).map { Double(abs(line[$0])) }.max() ?? 0
      // One number alone is its own mean, exactly.
      let spread = width == 1 ? 0 : largest
      for column in 0..<width {
        let normal = (Double(line[column]) - mean) / deviation
        let (weight, bias) = (Double(weight[column]), Double(bias[column]))
        let tolerance = Tolerance.layerNorm(
          count: width, largest: spread, deviation: deviation, normal: normal, weight: weight,
          bias: bias)
        worst.add(
          output.row(row)[column], expected: normal * weight + bias, tolerance: tolerance,
          at: "[\(row), \(column)] of \(width) columns around \(mean)")
      }
    }
  }
}
