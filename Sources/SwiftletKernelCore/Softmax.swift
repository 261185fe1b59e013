import SwiftletMemory

/// Turns rows of scores into numerators e^(scale (x - max)) in place, and finds for each the factor
/// 1 / Σ that makes them probabilities; the caller applies it where it is cheapest.
@usableFromInline
package enum Softmax<Vector: KernelVector> {
  /// The rows' memory goes on to a multiple of the vector's lanes; what stands behind `count` is
  /// overwritten.
  @inlinable @inline(__always)
  package static func numerators(
    _ rows: Matrix<Float>, count: Int, scale: Float, factors: UnsafeMutablePointer<Float>
  ) {
    let lanes = Vector.laneCount
    let padded = (count + lanes - 1) / lanes * lanes
    // e^(scale x) = 2^(binary x)
    let binary = scale * 1.442_695_04
    // A pass for the maxima and one for the rest: what a row waits for at its end then falls into
    // the next row's time.
    for index in 0..<rows.rows {
      let row = rows.row(index)
      // So far below the others that it adds nothing to the sum.
      for index in count..<padded { row[index] = -Float.greatestFiniteMagnitude }
      let lowest = Vector(repeating: -Float.greatestFiniteMagnitude)
      let largest = Vector.folding(
        row, count: padded, from: lowest, joining: { $0.maximum($1) }
      ) { $0.maximum($1) }
      factors[index] = largest.largest() * binary
    }
    let factor = Vector(repeating: binary)
    for index in 0..<rows.rows {
      let row = rows.row(index)
      let top = Vector(repeating: factors[index])
      var sums = Vector.zero
      for index in stride(from: 0, to: padded, by: lanes) {
        let value = (Vector(loading: row + index) * factor - top).powerOfTwo()
        value.store(to: row + index)
        sums = sums + value
      }
      factors[index] = 1 / sums.sum()
    }
  }
}
