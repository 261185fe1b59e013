package import SwiftletKernelCore

/// The mean of (z - y)² over all elements: torch's `nn.MSELoss`. It serves regression with one or
/// more outputs, and the distance of hidden states in distillation.
package struct MeanSquaredError: Sendable {
  package init() {}

  /// The number of elements, of the whole group that one step averages over.
  package func normalizer(rows: Int, columns: Int) -> Double { Double(rows * columns) }

  /// Returns Σ (z - y)² / normalizer and writes its gradient 2 (z - y) / normalizer.
  ///
  /// - Parameters:
  ///   - outputs: z[rows, columns]
  ///   - targets: y[rows, columns], row after row.
  ///   - normalizer: elements of the whole group.
  ///   - gradient: [rows, columns]; it may be the memory of `outputs`.
  /// - Returns: the loss of these rows as a part of the group's.
  package func callAsFunction(
    _ outputs: Matrix<Float>, targets: UnsafePointer<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    outputs.requireShape(of: gradient)
    guard normalizer > 0 else {
      gradient.clear()
      return 0
    }
    let scale = 2 / normalizer
    var sum = 0.0
    for row in 0..<outputs.rows {
      let (input, output) = (outputs.row(row), gradient.row(row))
      let target = targets + row * outputs.columns
      for column in 0..<outputs.columns {
        let difference = Double(input[column]) - Double(target[column])
        sum += difference * difference
        output[column] = Float(scale * difference)
      }
    }
    return sum / normalizer
  }
}
