/// A view of `rows` x `columns` numbers in row-major order, one row every `stride` elements. It
/// does not own the memory.
@usableFromInline
package struct Matrix<Element: BitwiseCopyable>: BitwiseCopyable {
  @usableFromInline package let pointer: UnsafeMutablePointer<Element>
  @usableFromInline package let rows: Int
  @usableFromInline package let columns: Int
  @usableFromInline package let stride: Int

  @inlinable
  package init(
    _ pointer: UnsafeMutablePointer<Element>, rows: Int, columns: Int, stride: Int? = nil
  ) {
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  @inlinable
  package func row(_ index: Int) -> UnsafeMutablePointer<Element> { pointer + index * stride }

  /// Some of the rows.
  @inlinable
  package func rows(_ range: Range<Int>) -> Matrix {
    Matrix(row(range.lowerBound), rows: range.count, columns: columns, stride: stride)
  }

  /// Some of the columns.
  @inlinable
  package func columns(_ range: Range<Int>) -> Matrix {
    Matrix(pointer + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }
}

extension Matrix: @unchecked Sendable {}
