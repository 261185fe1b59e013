/// How a tile multiplies: what a row of A is made of, how a register of packed B is read, and how
/// products are summed. Float32 and int8 products share everything else.
///
/// The sums run in steps over k; a step takes `elementsPerStep` elements of each row of A and, for
/// each vector of columns, `bytesPerStep` bytes of B.
@usableFromInline
package protocol Arithmetic: Sendable {
  associatedtype Vector: KernelVector
  /// An element of A.
  associatedtype Element: BitwiseCopyable
  /// A step of B for one vector of columns, in registers.
  associatedtype Weights: BitwiseCopyable
  /// A register of sums.
  associatedtype Sums: BitwiseCopyable, Sendable
  /// What turns sums into floats.
  associatedtype Scaling: BitwiseCopyable

  static var elementsPerStep: Int { get }
  static var bytesPerStep: Int { get }
  /// Whether there are registers for the weights of two steps beside the sums.
  static var takesStepsInPairs: Bool { get }

  /// What the sums of the columns from `column` on begin with.
  static func start(_ scaling: Scaling, column: Int) -> Sums
  static func load(_ pointer: UnsafeRawPointer) -> Weights
  /// sums[c] += Σₖ a[k] w[k, c] over the step.
  static func accumulate(_ sums: inout Sums, _ a: UnsafePointer<Element>, _ weights: Weights)
  static func finish(_ sums: Sums, _ scaling: Scaling, row: Int, column: Int) -> Vector
  /// Sums that `save` left at an address, bit for bit.
  static func resume(_ pointer: UnsafePointer<Float>) -> Sums
  static func save(_ sums: Sums, to pointer: UnsafeMutablePointer<Float>)
}

/// Sums of float32 need no scaling.
@usableFromInline
package struct NoScaling: BitwiseCopyable, Sendable {
  @inlinable @inline(__always)
  package init() {}
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
package struct IntegerScaling: BitwiseCopyable {
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
}
