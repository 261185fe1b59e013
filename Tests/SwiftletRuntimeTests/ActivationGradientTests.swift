import Glibc
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct ActivationGradientTests {
  /// -100 to 100, densest around 0; none is where a derivative jumps.
  private static let inputs: [Float] = {
    let even = (0..<4000).map { (Float($0) - 1999.5) / 20 }
    let near = (0..<4000).map { (Float($0) - 1999.5) / 500 * 1.37 }
    return even + near
  }()

  /// f'(x) by central differences in double precision.
  private static func slope(_ activation: Activation, _ x: Double) -> Double {
    let h = 1e-5 * max(1, abs(x) / 10)
    return (Reference.activation(activation, x + h) - Reference.activation(activation, x - h))
      / (2 * h)
  }

  @Test(arguments: Kernels.available, Activation.allCases)
  func `a gradient is multiplied by the derivative`(
    table: KernelTable, activation: Activation
  ) throws {
    let columns = 101
    let rows = Self.inputs.count / columns
    let x = try GuardedMatrix(rows: rows, columns: columns) { Self.inputs[$0 * columns + $1] }
    let g = try GuardedMatrix(rows: rows, columns: columns) { row, column in
      Float([2, -1, 0.5][(row + column) % 3])
    }
    let found = try GuardedMatrix(copying: g.view)
    table.training.activateBackward(found.view, x.view, activation)
    var worst = WorstError()
    for row in 0..<rows {
      for column in 0..<columns {
        let input = Double(x.view.row(row)[column])
        let exact = Self.slope(activation, input)
        // Differences of values of size |x|, and sums of a few terms of size 1.
        let tolerance = 1e-6 + 2e-9 * abs(input) + 4 * Tolerance.u * abs(exact)
        worst.add(
          found.view.row(row)[column] / g.view.row(row)[column], expected: exact,
          tolerance: tolerance, at: "x = \(input)")
      }
    }
    worst.check()
    #expect(found.isIntactOutside && x.isIntactOutside)
  }

  /// As `torch.autograd` has it, version 2.15.
  @Test(
    arguments: Kernels.available,
    [
      (.relu, [0: 0]), (.relu6, [0: 0, 6: 0]), (.leakyReLU, [0: 0.01]), (.reluSquared, [0: 0]),
      (.hardSwish, [-3: 0, 3: 1]), (.geluClipped, [10: 0]), (.linear, [0: 1]),
    ] as [(Activation, [Float: Float])])
  func `where a derivative jumps it is that of torch`(
    table: KernelTable, expected: (activation: Activation, slopes: [Float: Float])
  ) throws {
    for (input, slope) in expected.slopes {
      let x = try GuardedMatrix(rows: 1, columns: 35) { _, _ in input }
      let g = try GuardedMatrix(rows: 1, columns: 35) { _, _ in 3 }
      table.training.activateBackward(g.view, x.view, expected.activation)
      for column in 0..<35 { #expect(g.view.pointer[column] == 3 * slope) }
    }
  }

  @Test(arguments: Kernels.available, Activation.allCases)
  func `no derivative of a number is infinite or NaN`(
    table: KernelTable, activation: Activation
  ) throws {
    let inputs: [Float] = [
      3e38, -3e38, 1e20, -1e20, 1e5, -1e5, 0, -0.0, .leastNonzeroMagnitude, 88, -88, 104, -104,
    ]
    let x = try GuardedMatrix(rows: 2, columns: inputs.count) { inputs[$1] }
    let g = try GuardedMatrix(rows: 2, columns: inputs.count) { _, _ in 1 }
    table.training.activateBackward(g.view, x.view, activation)
    for column in inputs.indices {
      let slope = g.view.row(1)[column]
      let isSlope = activation == .reluSquared ? slope >= 0 : abs(slope) < 2
      #expect(isSlope, "\(slope) at \(inputs[column])")
    }
  }

  @Test(arguments: Kernels.available, Activation.allCases)
  func `an activation into other memory has the bits of the one in place`(
    table: KernelTable, activation: Activation
  ) throws {
    var random = SplitMix64(seed: 21)
    for columns in [1, 15, 16, 37, 100] {
      let x = try GuardedMatrix(rows: 3, columns: columns, scale: 8, using: &random)
      let inPlace = try GuardedMatrix(copying: x.view)
      table.rows.activate(inPlace.view, activation)
      let before = x.bits
      let out = try GuardedMatrix(rows: 3, columns: columns)
      table.training.activate(x.view, activation, out.view)
      #expect(out.bits == inPlace.bits && x.bits == before && out.isIntactOutside)
    }
  }

  @Test(arguments: Kernels.available)
  func `a matrix is added to another`(table: KernelTable) throws {
    var random = SplitMix64(seed: 22)
    for columns in [1, 15, 16, 37, 100] {
      let x = try GuardedMatrix(rows: 3, columns: columns, using: &random)
      let out = try GuardedMatrix(rows: 3, columns: columns, using: &random)
      let before = try GuardedMatrix(copying: out.view)
      table.training.add(x.view, out.view)
      for row in 0..<3 {
        for column in 0..<columns {
          #expect(
            out.view.row(row)[column] == before.view.row(row)[column] + x.view.row(row)[column])
        }
      }
      #expect(out.isIntactOutside)
    }
  }
}
