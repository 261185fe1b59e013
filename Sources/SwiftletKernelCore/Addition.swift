/// out[t, c] += x[t, c]
@usableFromInline
package enum Addition<Vector: KernelVector> {
  @inlinable @inline(__always)
  package static func rows(_ x: Matrix<Float>, into out: Matrix<Float>) {
    for index in 0..<x.rows {
      let (source, target) = (x.row(index), out.row(index))
      Vector.forEach(x.columns) { column, rest in
        (Vector(loadingUpTo: rest, from: target + column)
          + Vector(loadingUpTo: rest, from: source + column))
          .store(to: target + column, upTo: rest)
      }
    }
  }
}
