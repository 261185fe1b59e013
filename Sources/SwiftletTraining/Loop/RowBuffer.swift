import SwiftletKernelCore
import SwiftletSystem

/// Memory for rows of numbers, which grows and is used again.
final class RowBuffer {
  private var memory: AlignedBuffer<Float>
  /// The numbers that were appended.
  private var count = 0

  /// - Throws: `MemoryError`, as every method that grows the buffer.
  init() throws(MemoryError) {
    memory = try AlignedBuffer(uninitialized: 0, purpose: "rows of the outputs")
  }

  /// Returns rows of undefined numbers, valid until the next call.
  func matrix(rows: Int, columns: Int) throws(MemoryError) -> Matrix<Float> {
    try reserve(rows * columns)
    return Matrix(memory.pointer, rows: rows, columns: columns)
  }

  func removeAll() { count = 0 }

  /// Copies rows behind the others, which have as many columns.
  func append(_ rows: Matrix<Float>) throws(MemoryError) {
    try reserve(count + rows.rows * rows.columns)
    for row in 0..<rows.rows {
      (memory.pointer + count).update(from: rows.row(row), count: rows.columns)
      count += rows.columns
    }
  }

  /// The appended rows, valid until the next call.
  func appended(columns: Int) -> Matrix<Float> {
    Matrix(memory.pointer, rows: count / max(columns, 1), columns: columns)
  }

  private func reserve(_ capacity: Int) throws(MemoryError) {
    guard capacity > memory.count else { return }
    let larger = try AlignedBuffer<Float>(
      uninitialized: max(capacity, 2 * memory.count), purpose: "rows of the outputs")
    larger.pointer.update(from: memory.pointer, count: count)
    memory = larger
  }
}
