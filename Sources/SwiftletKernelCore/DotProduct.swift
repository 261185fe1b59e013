/// The inner product of a tile: the element type of A, how a register of packed B is loaded, and
/// how products are summed. All number types share the rest of the matrix product.
///
/// The sums run in steps over k; a step takes `elementsPerStep` elements of each row of A and, for
/// each vector of columns, `bytesPerStep` bytes of B.
@usableFromInline
package protocol DotProduct: Sendable {
  associatedtype Vector: KernelVector
  /// An element of A.
  associatedtype Element: BitwiseCopyable
  /// A step of B for one vector of columns, in registers.
  associatedtype Weights: BitwiseCopyable
  /// A register of sums.
  associatedtype Sums: BitwiseCopyable, Sendable
  /// The factors that convert sums to floats.
  associatedtype Scaling: ColumnValues

  static var elementsPerStep: Int { get }
  static var bytesPerStep: Int { get }
  /// Whether the registers hold the weights of two steps besides the sums.
  static var takesStepsInPairs: Bool { get }

  /// The initial sums of the columns from `column` on.
  static func start(_ scaling: Scaling, column: Int) -> Sums
  static func load(_ pointer: UnsafeRawPointer) -> Weights
  /// sums[c] += Σₖ a[k] w[k, c] over the step.
  static func accumulate(_ sums: inout Sums, _ a: UnsafePointer<Element>, _ weights: Weights)
  static func scaled(_ sums: Sums, _ scaling: Scaling, row: Int, column: Int) -> Vector
  /// Whether `accumulate` subtracts products, and `save` stores negated sums.
  static var holdsNegativeSums: Bool { get }
  /// Loads sums that `save` stored, bit for bit.
  static func resume(_ pointer: UnsafePointer<Float>) -> Sums
  static func save(_ sums: Sums, to pointer: UnsafeMutablePointer<Float>)
}

extension DotProduct {
  @inlinable @inline(__always)
  package static var holdsNegativeSums: Bool { false }
}

/// Values for each column of a product, such as a bias.
@usableFromInline
package protocol ColumnValues: BitwiseCopyable {
  /// Prefetches the values of one tile's columns, from `column` on. Tiles read them once per panel,
  /// too rarely for the hardware prefetcher.
  func prefetch<Vector: KernelVector>(_ type: Vector.Type, column: Int)
}

extension ColumnValues {
  /// Prefetches a tile's columns of an array of 4-byte values.
  @inlinable @inline(__always)
  func prefetch<Vector: KernelVector>(
    _ type: Vector.Type, _ values: UnsafeRawPointer, column: Int
  ) {
    let first = values + 4 * column
    Vector.prefetch(first)
    Vector.prefetch(first + 4 * (2 * Vector.laneCount - 1))
  }
}

/// Sums of float32 need no scaling.
@usableFromInline
package struct NoScaling: ColumnValues, Sendable {
  @inlinable @inline(__always)
  package init() {}

  @inlinable @inline(__always)
  package func prefetch<Vector: KernelVector>(_ type: Vector.Type, column: Int) {}
}

/// Converts a row's integer sums to floats.
@usableFromInline
package struct RowScale: BitwiseCopyable, Sendable {
  /// x[k] ≈ q[k] * scale
  @usableFromInline package let scale: Float
  /// The correction added to every sum of the row: see
  /// `KernelVector.storeActivations(to:count:negatives:)`.
  @usableFromInline package let start: Int32

  @inlinable @inline(__always)
  package init(scale: Float, start: Int32) {
    self.scale = scale
    self.start = start
  }
}

/// float[r, c] = integer[r, c] * row[r].scale * column[c], where the integer sums include
/// `start[c]` or `row[r].start`.
@usableFromInline
package struct IntegerScaling: ColumnValues {
  @usableFromInline package let row: UnsafePointer<RowScale>
  @usableFromInline package let column: UnsafePointer<Float>
  @usableFromInline package let start: UnsafePointer<Int32>

  @inlinable @inline(__always)
  package init(
    row: UnsafePointer<RowScale>, column: UnsafePointer<Float>, start: UnsafePointer<Int32>
  ) {
    self.row = row
    self.column = column
    self.start = start
  }

  @inlinable @inline(__always)
  package func prefetch<Vector: KernelVector>(_ type: Vector.Type, column: Int) {
    prefetch(type, start, column: column)
    prefetch(type, self.column, column: column)
  }
}
