/// How a tile multiplies: what a row of A is made of, how a register of packed B is read, and how
/// products are summed. Float32 and int8 products share everything else.
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
  /// What turns sums into floats.
  associatedtype Scaling: ColumnValues

  static var elementsPerStep: Int { get }
  static var bytesPerStep: Int { get }
  /// Whether there are registers for the weights of two steps beside the sums.
  static var takesStepsInPairs: Bool { get }

  /// What the sums of the columns from `column` on begin with.
  static func start(_ scaling: Scaling, column: Int) -> Sums
  static func load(_ pointer: UnsafeRawPointer) -> Weights
  /// sums[c] += Σₖ a[k] w[k, c] over the step.
  static func accumulate(_ sums: inout Sums, _ a: UnsafePointer<Element>, _ weights: Weights)
  static func scaled(_ sums: Sums, _ scaling: Scaling, row: Int, column: Int) -> Vector
  /// Sums that `save` left at an address, bit for bit.
  static func resume(_ pointer: UnsafePointer<Float>) -> Sums
  static func save(_ sums: Sums, to pointer: UnsafeMutablePointer<Float>)
}

/// Something with values for each column of a product, such as a bias.
@usableFromInline
package protocol ColumnValues: BitwiseCopyable {
  /// Asks for the cache lines that have the values of the columns from `column` on, as many as a tile
  /// is wide. Tiles reach them once a panel, too seldom for the processor to foresee, and would wait
  /// for memory with all their registers full.
  func prefetch<Vector: KernelVector>(_ type: Vector.Type, column: Int)
}

extension ColumnValues {
  /// The lines of one array of floats, or of integers as wide.
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

/// What turns the sums of a row of activations into floats.
@usableFromInline
package struct RowScale: BitwiseCopyable, Sendable {
  /// x[k] ≈ q[k] * scale
  @usableFromInline package let scale: Float
  /// What every sum lacks: see `KernelVector.storeActivations(to:count:negatives:)`.
  @usableFromInline package let start: Int32

  @inlinable @inline(__always)
  package init(scale: Float, start: Int32) {
    self.scale = scale
    self.start = start
  }
}

/// float[r, c] = integer[r, c] * row[r].scale * column[c], where the integers begin with `start[c]` or
/// with `row[r].start`.
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
