import SwiftletKernelCore

/// Rows with NaN after each of them, which a loss must neither read nor overwrite.
final class PaddedRows {
  private static let padding = 3

  let matrix: Matrix<Float>

  init(_ values: [Float], columns: Int) {
    let (rows, stride) = (values.count / columns, columns + Self.padding)
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: max(1, rows * stride))
    memory.initialize(repeating: .nan, count: max(1, rows * stride))
    matrix = Matrix(memory, rows: rows, columns: columns, stride: stride)
    for (index, value) in values.enumerated() {
      matrix.row(index / columns)[index % columns] = value
    }
  }

  deinit { matrix.pointer.deallocate() }

  var values: [Float] {
    (0..<matrix.rows).flatMap { row in (0..<matrix.columns).map { matrix.row(row)[$0] } }
  }

  var isPaddingUntouched: Bool {
    (0..<matrix.rows).allSatisfy { row in
      (matrix.columns..<matrix.stride).allSatisfy { matrix.row(row)[$0].isNaN }
    }
  }
}
