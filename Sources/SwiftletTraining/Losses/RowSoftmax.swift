import Glibc
package import SwiftletKernelCore

/// Turns each of the rows into its softmax, in place, and writes log Σ e^x of each row: the form of
/// the vectorised kernel.
package typealias SoftmaxRows =
  @Sendable (_ rows: Matrix<Float>, _ logSums: UnsafeMutablePointer<Float>) -> Void

/// The softmax of one row. Wide rows take the vectorised kernel, if there is one; other rows are
/// computed in Double, one element after another.
struct RowSoftmax: Sendable {
  /// Rows of fewer numbers are computed in Double, where the kernel saves no time.
  static let narrowestKernelRow = 256

  let kernel: SoftmaxRows?

  /// Writes softmax(x / temperature) and returns log Σ e^(x / temperature).
  ///
  /// `probabilities` may be the memory of `x`.
  func callAsFunction(
    _ x: UnsafePointer<Float>, count: Int, temperature: Double = 1,
    into probabilities: UnsafeMutablePointer<Float>
  ) -> Double {
    if let kernel, count >= Self.narrowestKernelRow {
      return vectorised(kernel, x, count, 1 / Float(temperature), probabilities)
    }
    let largest = largest(x, count: count)
    var sum = 0.0
    for index in 0..<count {
      let numerator = exp((Double(x[index]) - largest) / temperature)
      sum += numerator
      probabilities[index] = Float(numerator)
    }
    for index in 0..<count { probabilities[index] = Float(Double(probabilities[index]) / sum) }
    return largest / temperature + log(sum)
  }

  private func largest(_ x: UnsafePointer<Float>, count: Int) -> Double {
    var largest = x[0]
    for index in 1..<count { largest = max(largest, x[index]) }
    return Double(largest)
  }

  private func vectorised(
    _ kernel: SoftmaxRows, _ x: UnsafePointer<Float>, _ count: Int, _ scale: Float,
    _ probabilities: UnsafeMutablePointer<Float>
  ) -> Double {
    for index in 0..<count { probabilities[index] = x[index] * scale }
    var logSum: Float = 0
    kernel(Matrix(probabilities, rows: 1, columns: count), &logSum)
    return Double(logSum)
  }
}
