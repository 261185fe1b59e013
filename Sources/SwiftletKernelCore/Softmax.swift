/// Turns a row of scores into numerators e^(scale (x - max)) in place, and returns the factor
/// 1 / Σ that makes them probabilities; the caller applies it where it is cheapest.
///
/// The row's memory goes on to a multiple of the vector's lanes; what stands behind `count` is
/// overwritten.
@usableFromInline
package enum Softmax<Vector: KernelVector> {
  @inlinable @inline(__always)
  package static func numerators(
    _ row: UnsafeMutablePointer<Float>, count: Int, scale: Float
  ) -> Float {
    let lanes = Vector.laneCount
    let padded = (count + lanes - 1) / lanes * lanes
    // So far below the others that it adds nothing to the sum.
    for index in count..<padded { row[index] = -Float.greatestFiniteMagnitude }
    var largest = Vector(loading: row)
    for index in stride(from: lanes, to: padded, by: lanes) {
      largest = largest.maximum(Vector(loading: row + index))
    }
    let top = Vector(repeating: largest.largest())
    let factor = Vector(repeating: scale)
    var sums = Vector.zero
    for index in stride(from: 0, to: padded, by: lanes) {
      let value = ((Vector(loading: row + index) - top) * factor).exponential()
      value.store(to: row + index)
      sums = sums + value
    }
    return 1 / sums.sum()
  }
}
