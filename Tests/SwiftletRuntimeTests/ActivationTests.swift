import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct ActivationTests {
  /// -100 to 100, densest around 0, with zeros of both signs and numbers that are all but zero.
  private static let inputs: [Float] = {
    let even = (0...8000).map { Float($0 - 4000) / 40 }
    let near = (0...8000).map { Float($0 - 4000) / 1000 * 1.37 }
    let powers = (-126...6).flatMap { exponent in
      let power = Float(sign: .plus, exponent: exponent, significand: 1.3)
      return [power, -power]
    }
    return even + near + powers + [0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude]
  }()

  @Test(arguments: Kernels.available, Activation.allCases)
  func `an activation equals its formula`(table: KernelTable, activation: Activation) throws {
    let inputs = Self.inputs
    let columns = 101
    let rows = inputs.count / columns
    let matrix = try GuardedMatrix(rows: rows, columns: columns) { inputs[$0 * columns + $1] }
    table.rows.activate(matrix.view, activation)
    var worst = WorstError()
    for row in 0..<rows {
      for column in 0..<columns {
        let x = Double(inputs[row * columns + column])
        let y = Reference.activation(activation, x)
        worst.add(
          matrix.view.row(row)[column], expected: y,
          tolerance: Tolerance.activation(activation, x, y), at: "x = \(x)")
      }
    }
    worst.check()
    #expect(matrix.isIntactOutside)
  }

  @Test(arguments: Kernels.available, Activation.allCases)
  func `an element has the same bits at any place in a row of any width`(
    table: KernelTable, activation: Activation
  ) throws {
    var random = SplitMix64(seed: 7)
    let wide = try GuardedMatrix(rows: 1, columns: 67, scale: 9, using: &random)
    let inputs = try GuardedMatrix(copying: wide.view)
    table.rows.activate(wide.view, activation)
    for width in 1...67 {
      let part = try GuardedMatrix(rows: 2, columns: width) { _, column in
        inputs.view.pointer[67 - width + column]
      }
      table.rows.activate(part.view, activation)
      let expected = wide.view.bits(ofRow: 0, columns: 67 - width..<67)
      #expect(part.bits == [expected, expected])
      #expect(part.isIntactOutside)
    }
  }

  /// Far below zero the sigmoid is e^x: its relative error there is the exponential's.
  @Test(arguments: Kernels.available)
  func `e^x has a relative error of at most 1e-7`(table: KernelTable) throws {
    let count = 20_000
    let inputs = (0..<count).map { -20 - 66 * Float($0) / Float(count) }
    let matrix = try GuardedMatrix(rows: 1, columns: count) { inputs[$1] }
    table.rows.activate(matrix.view, .sigmoid)
    var worst = WorstError()
    for index in 0..<count {
      let expected = Reference.activation(.sigmoid, Double(inputs[index]))
      worst.add(
        matrix.view.pointer[index], expected: expected,
        tolerance: (Tolerance.exponential + 3 * Tolerance.u) * expected, at: "\(inputs[index])")
    }
    worst.check()
  }

  @Test(arguments: Kernels.available, Activation.allCases)
  func `only NaN becomes NaN`(table: KernelTable, activation: Activation) throws {
    let inputs: [Float] = [.nan, 3e38, -3e38, .greatestFiniteMagnitude, 1e20, -1e20, 0, .nan, 1]
    let matrix = try GuardedMatrix(rows: 2, columns: inputs.count) { inputs[$1] }
    table.rows.activate(matrix.view, activation)
    for row in 0..<2 {
      for column in inputs.indices {
        #expect(matrix.view.row(row)[column].isNaN == inputs[column].isNaN, "\(inputs[column])")
      }
    }
  }
}
