import SwiftletKernelCore
import SwiftletSystem

/// Combines the rows of a sequence into one. The raw values are the names of sentence-transformers.
package enum Pooling: String, Sendable, CaseIterable {
  /// The first row.
  case cls
  /// The maximum of each column.
  case max
  /// The mean of each column.
  case mean
  /// The sum of each column, divided by the root of the number of rows.
  case meanSquareRoot = "mean_sqrt_len_tokens"
  /// The mean of each column, where row i counts i times.
  case weightedMean = "weightedmean"
  /// The last row.
  case last = "lasttoken"

  /// Writes the pooled row of one row or more. Sums run in the order of the rows, so that their bits are
  /// the same in any batch.
  func pool(_ rows: Matrix<Float>, into output: UnsafeMutablePointer<Float>) {
    let columns = rows.columns
    switch self {
    case .cls: output.update(from: rows.row(0), count: columns)
    case .last: output.update(from: rows.row(rows.rows - 1), count: columns)
    case .max:
      output.update(from: rows.row(0), count: columns)
      for index in 1..<Swift.max(1, rows.rows) {
        let row = rows.row(index)
        for column in 0..<columns { output[column] = Swift.max(output[column], row[column]) }
      }
    case .mean: sum(rows, into: output, divisor: Float(rows.rows))
    case .meanSquareRoot: sum(rows, into: output, divisor: Float(rows.rows).squareRoot())
    case .weightedMean:
      sum(rows, into: output, divisor: Float(rows.rows * (rows.rows + 1) / 2), isWeighted: true)
    }
  }

  private func sum(
    _ rows: Matrix<Float>, into output: UnsafeMutablePointer<Float>, divisor: Float,
    isWeighted: Bool = false
  ) {
    output.update(repeating: 0, count: rows.columns)
    for index in 0..<rows.rows {
      let row = rows.row(index)
      let weight = isWeighted ? Float(index + 1) : 1
      for column in 0..<rows.columns { output[column] += weight * row[column] }
    }
    for column in 0..<rows.columns { output[column] /= divisor }
  }
}
