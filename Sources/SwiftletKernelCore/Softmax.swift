/// Turns a row of scores into numerators e^(scale (x - max)) in place, and returns the factor
/// 1 / Σ that makes them probabilities; the caller applies it where it is cheapest.
@usableFromInline
package enum Softmax<Vector: KernelVector> {
  @inlinable @inline(__always)
  package static func numerators(
    _ row: UnsafeMutablePointer<Float>, count: Int, scale: Float
  ) -> Float {
    let lanes = Vector.laneCount
    let whole = count / lanes * lanes
    let rest = count - whole
    let lowest = -Float.greatestFiniteMagnitude
    var largest = Vector(repeating: lowest)
    for index in stride(from: 0, to: whole, by: lanes) {
      largest = largest.maximum(Vector(loading: row + index))
    }
    if rest > 0 {
      largest = largest.maximum(Vector(loading: row + whole, count: rest, filler: lowest))
    }
    let top = Vector(repeating: largest.largest())
    let factor = Vector(repeating: scale)
    var sums = Vector.zero
    for index in stride(from: 0, to: whole, by: lanes) {
      let value = ((Vector(loading: row + index) - top) * factor).exponential()
      value.store(to: row + index)
      sums = sums + value
    }
    var sum = sums.sum()
    if rest > 0 {
      ((Vector(loading: row + whole, count: rest, filler: 0) - top) * factor).exponential()
        .store(to: row + whole, count: rest)
      for index in whole..<count { sum += row[index] }
    }
    return 1 / sum
  }
}
