import SwiftletKernelCore

/// A matrix in double precision, for references.
struct ExactMatrix {
  let rows: Int
  let columns: Int
  /// In row-major order.
  var values: [Double]

  init(rows: Int, columns: Int, value: (_ row: Int, _ column: Int) -> Double) {
    self.rows = rows
    self.columns = columns
    values = (0..<rows * columns).map { value($0 / columns, $0 % columns) }
  }

  init(_ matrix: Matrix<Float>) {
    self.init(rows: matrix.rows, columns: matrix.columns) { Double(matrix.row($0)[$1]) }
  }

  subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  var transposed: ExactMatrix {
    ExactMatrix(rows: columns, columns: rows) { self[$1, $0] }
  }

  /// The product with the transpose of another matrix: its elements are products of rows.
  func product(transposing other: ExactMatrix) -> ExactMatrix {
    ExactMatrix(rows: rows, columns: other.rows) { row, column in
      values.withUnsafeBufferPointer { left in
        other.values.withUnsafeBufferPointer { right in
          guard let left = left.baseAddress, let right = right.baseAddress else { return 0 }
          return Self.product(left + row * columns, right + column * columns, count: columns)
        }
      }
    }
  }

  /// A loop over pointers, which is not slow in debug builds.
  private static func product(
    _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, count: Int
  ) -> Double {
    var sum = 0.0
    var k = 0
    while k < count {
      sum += left[k] * right[k]
      k += 1
    }
    return sum
  }

  /// The largest Euclidean norm of a row.
  var largestRowNorm: Double { rowNorms.max() ?? 0 }

  /// The Euclidean norm of each row.
  var rowNorms: [Double] {
    (0..<rows).map { row in
      (0..<columns).reduce(0) { $0 + self[row, $1] * self[row, $1] }.squareRoot()
    }
  }

  /// The largest absolute value.
  var largest: Double { values.reduce(0) { max($0, abs($1)) } }
}
