import SwiftletSystem

/// The features of a data set: one row of float32 for each example, in memory that does not move.
///
/// Rows and columns are padded with zeros, so that loops over four rows and eight columns have no
/// remainder. Write all rows before the matrix is shared between threads.
package final class FeatureMatrix: @unchecked Sendable {
  package let rowCount: Int
  package let columnCount: Int
  /// The columns with padding: the distance between two rows.
  let stride: Int
  /// The rows with padding.
  let paddedRowCount: Int
  private let buffer: AlignedBuffer<Float>

  static let rowGroup = 4
  static let columnGroup = 8

  /// Reserves a matrix of zeros.
  ///
  /// - Throws: ``TrainingError/memory(bytes:purpose:)``.
  package init(rowCount: Int, columnCount: Int) throws(TrainingError) {
    requirePrecondition(
      rowCount >= 0 && columnCount > 0, "\(rowCount) rows of \(columnCount) features")
    self.rowCount = rowCount
    self.columnCount = columnCount
    stride = (columnCount + Self.columnGroup - 1) / Self.columnGroup * Self.columnGroup
    paddedRowCount = (rowCount + Self.rowGroup - 1) / Self.rowGroup * Self.rowGroup
    do throws(MemoryError) {
      buffer = try AlignedBuffer(count: paddedRowCount * stride, purpose: "features")
    } catch {
      throw .memory(bytes: error.bytes, purpose: error.purpose)
    }
  }

  /// Copies a matrix from an array in row-major order.
  package convenience init(columnCount: Int, values: [Float]) throws(TrainingError) {
    requirePrecondition(
      columnCount > 0 && values.count % columnCount == 0,
      "\(values.count) values in rows of \(columnCount)")
    try self.init(rowCount: values.count / columnCount, columnCount: columnCount)
    values.withUnsafeBufferPointer { values in
      for row in 0..<rowCount {
        let start = row * columnCount
        _ = self[row].update(fromContentsOf: values[start..<start + columnCount])
      }
    }
  }

  /// A row without padding, to read or to write.
  package subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
    requirePrecondition((0..<rowCount).contains(row), "row \(row) of \(rowCount)")
    return UnsafeMutableBufferPointer(start: pointer(row), count: columnCount)
  }

  func pointer(_ row: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + row * stride }

  /// The first row with a NaN or an infinity.
  var firstNonFiniteRow: Int? {
    (0..<rowCount).first { row in !self[row].allSatisfy(\.isFinite) }
  }
}
