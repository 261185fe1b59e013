import SwiftletKernelCore

extension Matrix<Float> {
  /// Stops the program if the other matrix has another shape.
  func requireShape(of other: Matrix<Float>) {
    precondition(rows == other.rows && columns == other.columns, "the matrices have one shape")
  }

  func clearRow(_ index: Int) { row(index).update(repeating: 0, count: columns) }

  func clear() {
    for index in 0..<rows { clearRow(index) }
  }
}
