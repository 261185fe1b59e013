/// Transforms a finished vector of sums before it is stored.
@usableFromInline
package protocol Epilogue<Vector>: ColumnValues {
  associatedtype Vector: KernelVector
  var output: Matrix<Float> { get }
  /// Whether `result` reads the output.
  var readsOutput: Bool { get }
  /// The result for the sums of columns `column..<column + laneCount` of a row.
  func result(_ sums: Vector, row: Int, column: Int) -> Vector
  /// The result for the last `width` < laneCount columns of a row, which reads nothing beyond them.
  func result(_ sums: Vector, row: Int, column: Int, width: Int) -> Vector
  /// Whether `complete` changes values.
  static var isDeferred: Bool { get }
  /// A last step on results that are stored already. Long functions belong here: in `result` their
  /// code would be repeated for every register of every tile.
  func complete(_ value: Vector) -> Vector
}

extension Epilogue {
  @inlinable @inline(__always)
  package var readsOutput: Bool { false }

  @inlinable @inline(__always)
  package static var isDeferred: Bool { false }

  @inlinable @inline(__always)
  package func complete(_ value: Vector) -> Vector { value }

  @inlinable @inline(__always)
  package func prefetch<V: KernelVector>(_ type: V.Type, column: Int) {}

  /// Completes a block of the output that is two vectors wide.
  @inlinable @inline(__always)
  func complete(rows: Range<Int>, column: Int) {
    guard Self.isDeferred else { return }
    for row in rows {
      var pointer = output.row(row) + column
      for _ in 0..<2 {
        complete(Vector(loading: pointer)).store(to: pointer)
        pointer += Vector.laneCount
      }
    }
  }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int, width: Int) -> Vector {
    result(sums, row: row, column: column)
  }

  /// Stores a whole vector.
  @inlinable @inline(__always)
  package func store(_ sums: Vector, row: Int, column: Int) {
    result(sums, row: row, column: column).store(to: output.row(row) + column)
  }
}

/// Applies an epilogue to `sums` [rows, width], the block of the output whose first element is
/// (row, column): for edges, and for sums that another library computed.
@inlinable @inline(__always)
package func applyEpilogue<E: Epilogue>(
  _ sums: Matrix<Float>, row: Int, column: Int, _ epilogue: E
) {
  let lanes = E.Vector.laneCount
  for index in 0..<sums.rows {
    for offset in stride(from: 0, to: sums.columns, by: lanes) {
      let width = sums.columns - offset
      let source = sums.row(index) + offset
      if width >= lanes {
        let sums = E.Vector(loading: source)
        epilogue.complete(epilogue.result(sums, row: row + index, column: column + offset))
          .store(to: epilogue.output.row(row + index) + column + offset)
      } else {
        let rest = E.Vector(loading: source, count: width, filler: 0)
        epilogue.complete(
          epilogue.result(rest, row: row + index, column: column + offset, width: width)
        ).store(to: epilogue.output.row(row + index) + column + offset, count: width)
      }
    }
  }
}

/// C = A B
@usableFromInline
package struct StoreSums<Vector: KernelVector>: Epilogue {
  @usableFromInline package let output: Matrix<Float>

  @inlinable @inline(__always)
  package init(output: Matrix<Float>) { self.output = output }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int) -> Vector { sums }
}

/// C[r, :] = factor[r] (A B)[r, :]
@usableFromInline
package struct ScaleRows<Vector: KernelVector>: Epilogue {
  @usableFromInline package let output: Matrix<Float>
  @usableFromInline let factors: UnsafePointer<Float>

  @inlinable @inline(__always)
  package init(output: Matrix<Float>, factors: UnsafePointer<Float>) {
    self.output = output
    self.factors = factors
  }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int) -> Vector {
    sums * Vector(repeating: factors[row])
  }
}

/// C = A B + bias; the bias is padded to whole panels.
@usableFromInline
package struct AddBias<Vector: KernelVector>: Epilogue {
  @usableFromInline package let output: Matrix<Float>
  @usableFromInline let bias: UnsafePointer<Float>

  @inlinable @inline(__always)
  package init(output: Matrix<Float>, bias: UnsafePointer<Float>) {
    self.output = output
    self.bias = bias
  }

  @inlinable @inline(__always)
  package func prefetch<V: KernelVector>(_ type: V.Type, column: Int) {
    prefetch(type, bias, column: column)
  }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int) -> Vector {
    sums + Vector(loading: bias + column)
  }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int, width: Int) -> Vector {
    sums + Vector(loading: bias + column, count: width, filler: 0)
  }
}

/// C = gelu(A B + bias), with the exact error function.
@usableFromInline
package struct AddBiasGELU<Vector: KernelVector>: Epilogue {
  @usableFromInline let sum: AddBias<Vector>

  @inlinable @inline(__always)
  package init(output: Matrix<Float>, bias: UnsafePointer<Float>) {
    sum = AddBias(output: output, bias: bias)
  }

  @inlinable @inline(__always)
  package var output: Matrix<Float> { sum.output }

  @inlinable @inline(__always)
  package func prefetch<V: KernelVector>(_ type: V.Type, column: Int) {
    sum.prefetch(type, column: column)
  }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int) -> Vector {
    sum.result(sums, row: row, column: column)
  }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int, width: Int) -> Vector {
    sum.result(sums, row: row, column: column, width: width)
  }

  @inlinable @inline(__always)
  package static var isDeferred: Bool { true }

  @inlinable @inline(__always)
  package func complete(_ value: Vector) -> Vector { value.gelu() }
}

/// C = A B + bias + residual; the residual may be C.
@usableFromInline
package struct AddBiasResidual<Vector: KernelVector>: Epilogue {
  @usableFromInline package let output: Matrix<Float>
  @usableFromInline let bias: UnsafePointer<Float>
  @usableFromInline let residual: Matrix<Float>

  @inlinable @inline(__always)
  package init(output: Matrix<Float>, bias: UnsafePointer<Float>, residual: Matrix<Float>) {
    self.output = output
    self.bias = bias
    self.residual = residual
  }

  @inlinable @inline(__always)
  package var readsOutput: Bool { residual.pointer == output.pointer }

  @inlinable @inline(__always)
  package func prefetch<V: KernelVector>(_ type: V.Type, column: Int) {
    prefetch(type, bias, column: column)
  }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int) -> Vector {
    sums + Vector(loading: bias + column) + Vector(loading: residual.row(row) + column)
  }

  @inlinable @inline(__always)
  package func result(_ sums: Vector, row: Int, column: Int, width: Int) -> Vector {
    sums + Vector(loading: bias + column, count: width, filler: 0)
      + Vector(loading: residual.row(row) + column, count: width, filler: 0)
  }
}
