/// The vector of an instruction set with products of bfloat16.
@usableFromInline
package protocol BFloat16Vector: KernelVector {
  /// Stores the lanes rounded to bfloat16, to the nearest and halves to even. Subnormal numbers become
  /// zeros.
  func storeBFloat16(to pointer: UnsafeMutablePointer<UInt16>)
  /// Stores each lane of `first` followed by that of `second`, rounded to bfloat16.
  static func storeBFloat16Pairs(
    _ first: Self, _ second: Self, to pointer: UnsafeMutablePointer<UInt16>)
}

/// Rounds rows of floats to bfloat16, as the products read them.
@usableFromInline
package enum BFloat16Rows<Vector: BFloat16Vector> {
  /// The rows of `output` extend to a multiple of the vector's lanes; surplus elements become zeros.
  @inlinable @inline(__always)
  package static func round(_ input: Matrix<Float>, into output: Matrix<UInt16>) {
    for index in 0..<input.rows {
      let (source, target) = (input.row(index), output.row(index))
      Vector.forEach(input.columns) { column, rest in
        Vector(loadingUpTo: rest, from: source + column).storeBFloat16(to: target + column)
      }
    }
  }
}
