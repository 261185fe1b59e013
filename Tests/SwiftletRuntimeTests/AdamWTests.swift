import Glibc
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct AdamWTests {
  /// One parameter in double precision.
  private struct Parameter {
    var value: Double
    var m = 0.0
    var v = 0.0

    mutating func update(_ g: Double, rate: Double, decay: Double, step: Double) {
      value *= 1 - rate * decay
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      let denominator = v.squareRoot() / (1 - pow(0.999, step)).squareRoot() + 1e-8
      value -= rate / (1 - pow(0.9, step)) * m / denominator
    }
  }

  private static func step(_ step: Int, decay: Double, scale: Float = 1) -> AdamWStep {
    AdamWStep(
      learningRate: 1e-3, weightDecay: decay, beta1: 0.9, beta2: 0.999, epsilon: 1e-8,
      biasCorrection1: 1 - pow(0.9, Double(step)), biasCorrection2: 1 - pow(0.999, Double(step)),
      gradientScale: scale)
  }

  @Test(arguments: Kernels.available, [0, 0.01])
  func `twenty steps equal those of double precision`(table: KernelTable, decay: Double) throws {
    var worst = WorstError()
    for count in [1, 3, 16, 33, 1000] {
      var random = SplitMix64(seed: UInt64(count))
      let values = try GuardedMatrix(rows: 1, columns: count, using: &random)
      let m = try GuardedMatrix(rows: 1, columns: count) { _, _ in 0 }
      let v = try GuardedMatrix(rows: 1, columns: count) { _, _ in 0 }
      var exact = (0..<count).map { Parameter(value: Double(values.view.pointer[$0])) }
      for step in 1...20 {
        // From 1e-4 to 1: the optimiser does not see the scale.
        let gradients = try GuardedMatrix(rows: 1, columns: count) { _, column in
          (0.5 + random.unit()) * Float([1, 1e-2, 1e-4][column % 3])
        }
        table.training.adamW(
          values.view.pointer, gradients.view.pointer, m.view.pointer, v.view.pointer, count,
          Self.step(step, decay: decay, scale: 0.25))
        for index in exact.indices {
          exact[index].update(
            Double(gradients.view.pointer[index]) / 4, rate: 1e-3, decay: decay,
            step: Double(step))
        }
      }
      for (index, parameter) in exact.enumerated() {
        // Each step rounds the value once, and its change of about the rate a dozen times; a small m is
        // the difference of larger ones.
        let scale = Double([1, 1e-2, 1e-4][index % 3])
        worst.add(
          values.view.pointer[index], expected: parameter.value,
          tolerance: 20 * Tolerance.u * (3 * abs(parameter.value) + 100e-3), at: "value \(index)")
        worst.add(
          m.view.pointer[index], expected: parameter.m, tolerance: 60 * Tolerance.u * scale,
          at: "m \(index)")
        worst.add(
          v.view.pointer[index], expected: parameter.v,
          tolerance: 100 * Tolerance.u * parameter.v, at: "v \(index)")
      }
      for matrix in [values, m, v] { #expect(matrix.isIntactOutside) }
    }
    worst.check()
  }

  @Test(arguments: Kernels.available)
  func `a parameter without a gradient only decays`(table: KernelTable) throws {
    let values = try GuardedMatrix(rows: 1, columns: 19) { _, column in Float(column) }
    let zeros = try (0..<3).map { _ in try GuardedMatrix(rows: 1, columns: 19) { _, _ in 0 } }
    table.training.adamW(
      values.view.pointer, zeros[0].view.pointer, zeros[1].view.pointer, zeros[2].view.pointer, 19,
      Self.step(1, decay: 0.5))
    for column in 0..<19 {
      #expect(values.view.pointer[column] == Float(column) * Float(1 - 1e-3 * 0.5))
    }
  }

  @Test(arguments: Kernels.available, [0, 1, 15, 16, 4095, 4097, 20_000])
  func `the sum of squares equals that of double precision`(table: KernelTable, count: Int) throws {
    var random = SplitMix64(seed: 8)
    let x = try GuardedMatrix(rows: 1, columns: count, scale: 5, using: &random)
    let exact = (0..<count).reduce(0.0) {
      $0 + Double(x.view.pointer[$1]) * Double(x.view.pointer[$1])
    }
    let found = table.training.sumOfSquares(x.view.pointer, count)
    #expect(abs(found - exact) <= 4096 * Tolerance.u * exact)
    if count > 0 {
      x.view.pointer[count / 2] = .nan
      #expect(table.training.sumOfSquares(x.view.pointer, count).isNaN)
    }
  }
}
