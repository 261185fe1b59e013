import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Synchronization

/// Rows in memory as the source of a layer: read in place, or copied as if they had another type.
/// Counts releases.
final class MatrixSource: WeightSource, @unchecked Sendable {
  let rows: Int
  let columns: Int
  let released: [Counter]
  private let matrix: Matrix<Float>
  private let isInPlace: Bool

  /// In place, the rows must be contiguous.
  init(_ matrix: Matrix<Float>, isInPlace: Bool = false) {
    precondition(!isInPlace || matrix.stride == matrix.columns)
    self.matrix = matrix
    self.isInPlace = isInPlace
    rows = matrix.rows
    columns = matrix.columns
    released = (0..<matrix.rows).map { _ in Counter() }
  }

  var float32: UnsafeRawPointer? { isInPlace ? UnsafeRawPointer(matrix.pointer) : nil }

  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    for row in rows {
      (target + (row - rows.lowerBound) * columns).update(from: matrix.row(row), count: columns)
    }
  }

  func release(_ rows: Range<Int>) { for row in rows { released[row].increment() } }

  /// How often something happened, counted by any thread.
  final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.add(1, ordering: .relaxed) }
  }
}
