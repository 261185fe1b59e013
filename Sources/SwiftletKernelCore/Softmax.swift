import Glibc

/// Turns rows of scores into numerators e^(scale (x - max)) in place, and computes for each row the
/// factor 1 / Σ that makes them probabilities; the caller applies it where it is cheapest.
@usableFromInline
package enum Softmax<Vector: KernelVector> {
  /// The rows' memory extends to a multiple of the vector's lanes; elements after `count` are
  /// overwritten.
  @inlinable @inline(__always)
  package static func numerators(
    _ rows: Matrix<Float>, count: Int, scale: Float, factors: UnsafeMutablePointer<Float>
  ) {
    let padded = findMaxima(rows, count: count, scale: scale) { factors[$0] = $1 }
    let factor = Vector(repeating: binary(scale))
    for index in 0..<rows.rows {
      let row = rows.row(index)
      let maximum = Vector(repeating: factors[index])
      let sum = sumOfNumerators(row, count: padded, factor, maximum) { column, value in
        value.store(to: row + column)
      }
      factors[index] = 1 / sum
    }
  }

  /// Calls `store` with the numerators of a row, whose `count` is a multiple of the lanes; returns their
  /// sum.
  @inlinable @inline(__always)
  static func sumOfNumerators(
    _ row: UnsafePointer<Float>, count: Int, _ factor: Vector, _ maximum: Vector,
    _ store: (_ column: Int, _ numerators: Vector) -> Void
  ) -> Float {
    var sums = Vector.zero
    for column in stride(from: 0, to: count, by: Vector.laneCount) {
      let value = (Vector(loading: row + column) * factor - maximum).powerOfTwo()
      store(column, value)
      sums = sums + value
    }
    return sums.sum()
  }

  /// Multiplies numerators by the factors of dropout. The rows' memory extends as for `numerators`.
  @inlinable @inline(__always)
  package static func drop(_ numerators: Matrix<Float>, _ dropout: AttentionDropout) {
    for index in 0..<numerators.rows {
      let row = numerators.row(index)
      for column in stride(from: 0, to: numerators.columns, by: Vector.laneCount) {
        let factors = dropout.factors(Vector.self, row: index, column: column)
        (Vector(loading: row + column) * factors).store(to: row + column)
      }
    }
  }

  /// The backward pass of `numerators` and `drop`, in place: numerators become dropped probabilities
  /// p D, and their gradients become those of the scores x.
  ///
  ///     p = softmax(scale x)  dx = scale p (D gradient - mean)
  ///
  /// `means` are each row's Σ p D gradient. The rows' memory extends as for `numerators`.
  @inlinable @inline(__always)
  package static func gradients(
    _ numerators: Matrix<Float>, _ gradients: Matrix<Float>, scale: Float,
    factors: UnsafePointer<Float>, means: UnsafePointer<Float>, _ dropout: AttentionDropout?
  ) {
    if let dropout {
      gradientRows(numerators, gradients, scale: scale, factors: factors, means: means) {
        $2 * dropout.factors(Vector.self, row: $0, column: $1)
      }
    } else {
      gradientRows(numerators, gradients, scale: scale, factors: factors, means: means) { $2 }
    }
  }

  /// `gradients`, where `drop` multiplies a vector by the factors of dropout.
  @inlinable @inline(__always)
  static func gradientRows(
    _ numerators: Matrix<Float>, _ gradients: Matrix<Float>, scale: Float,
    factors: UnsafePointer<Float>, means: UnsafePointer<Float>,
    _ drop: (_ row: Int, _ column: Int, Vector) -> Vector
  ) {
    let lanes = Vector.laneCount
    let count = numerators.columns
    let padded = (count + lanes - 1) / lanes * lanes
    // The tiny numerators of the padding would become subnormal probabilities, which are slow.
    for index in 0..<numerators.rows {
      let row = numerators.row(index)
      for column in count..<padded { row[column] = 0 }
    }
    let scale = Vector(repeating: scale)
    for index in 0..<numerators.rows {
      let (row, gradientRow) = (numerators.row(index), gradients.row(index))
      let factor = Vector(repeating: factors[index])
      let mean = Vector(repeating: means[index])
      for column in stride(from: 0, to: padded, by: lanes) {
        // (Vector(loading: row + column) * factors).store(to: row + column)
        let probability = Vector(loading: row + column) * factor
        let gradient = drop(index, column, Vector(loading: gradientRow + column))
        drop(index, column, probability).store(to: row + column)
        // let value = (Vector(loading: row + column) * factor - maximum).powerOfTwo()
        (scale * probability * (gradient - mean)).store(to: gradientRow + column)
      }
    }
  }

  /// e^(scale x) = 2^(binary x)
  @inlinable @inline(__always)
  static func binary(_ scale: Float) -> Float { scale * 1.442_695_04 }

  /// Calls `body` with each row's largest exponent; returns `count` rounded up to whole vectors.
  ///
  /// The maxima take a separate pass over the rows, so that the reduction at the end of a row
  /// overlaps with the next row.
  @inlinable @inline(__always)
  static func findMaxima(
    _ rows: Matrix<Float>, count: Int, scale: Float, _ body: (_ row: Int, _ maximum: Float) -> Void
  ) -> Int {
    let padded = (count + Vector.laneCount - 1) / Vector.laneCount * Vector.laneCount
    for index in 0..<rows.rows {
      let row = rows.row(index)
      // Adds nothing to the sum.
      for index in count..<padded { row[index] = -Float.greatestFiniteMagnitude }
      let lowest = Vector(repeating: -Float.greatestFiniteMagnitude)
      let largest = Vector.folding(
        row, count: padded, from: lowest, joining: { $0.maximum($1) }
      ) { $0.maximum($1) }
      body(index, largest.largest() * binary(scale))
    }
    return padded
  }

  /// Computes numerators as int16, which `store` multiplies by `maxNumerator` and rounds.
  @inlinable @inline(__always)
  package static func int16Numerators(
    _ rows: Matrix<Float>, count: Int, scale: Float, maxNumerator: Float,
    into output: Matrix<Int16>,
    factors: UnsafeMutablePointer<RowScale>,
    _ store: (_ numerators: Vector, _ maxNumerator: Vector, UnsafeMutablePointer<Int16>) -> Void
  ) {
    let padded = findMaxima(rows, count: count, scale: scale) {
      factors[$0] = RowScale(scale: $1, start: 0)
    }
    let factor = Vector(repeating: binary(scale))
    let largest = Vector(repeating: maxNumerator)
    for index in 0..<rows.rows {
      let target = output.row(index)
      let maximum = Vector(repeating: factors[index].scale)
      let sum = sumOfNumerators(rows.row(index), count: padded, factor, maximum) {
        store($1, largest, target + $0)
      }
      factors[index] = RowScale(scale: 1 / (sum * maxNumerator), start: 0)
    }
  }

  /// p[t, c] = e^(z[t, c] - logSum[t]) in place of the logits z, where logSum[t] is ln Σ e^z of row t. A
  /// logit of -∞ has the probability 0; a row with NaN, +∞ or only -∞ becomes NaN.
  @inlinable @inline(__always)
  package static func probabilities(
    _ rows: Matrix<Float>, logSums: UnsafeMutablePointer<Float>
  ) {
    let lowest = -Float.greatestFiniteMagnitude
    // `exponential` is clamped from below at this value, which stands for 0.
    let smallest = Vector(repeating: -.infinity).exponential()
    for index in 0..<rows.rows {
      let row = rows.row(index)
      let largest = Vector.folding(
        row, count: rows.columns, from: Vector(repeating: lowest), filler: lowest,
        joining: { $0.maximum($1) }
      ) { $0.maximum($1) }
      let maximum = largest.largest()
      let center = Vector(repeating: maximum)
      let numerator = { (z: Vector) in (z - center).exponential() - smallest }
      let sums = Vector.folding(
        row, count: rows.columns, filler: -.infinity, joining: +
      ) { $0 + numerator($1) }
      let sum = sums.sum()
      logSums[index] = maximum + logf(sum)
      let factor = Vector(repeating: 1 / sum)
      Vector.forEach(rows.columns) { column, rest in
        (numerator(Vector(loadingUpTo: rest, from: row + column)) * factor)
          .store(to: row + column, upTo: rest)
      }
    }
  }
}

extension Softmax where Vector: BFloat16Vector {
  /// Computes numerators, rounded to bfloat16, and the factors of their sums before rounding. The memory
  /// of all rows extends to a multiple of the vector's lanes.
  @inlinable @inline(__always)
  package static func bfloat16Numerators(
    _ rows: Matrix<Float>, count: Int, scale: Float, into output: Matrix<UInt16>,
    factors: UnsafeMutablePointer<Float>
  ) {
    let padded = findMaxima(rows, count: count, scale: scale) { factors[$0] = $1 }
    let factor = Vector(repeating: binary(scale))
    for index in 0..<rows.rows {
      let target = output.row(index)
      let maximum = Vector(repeating: factors[index])
      let sum = sumOfNumerators(rows.row(index), count: padded, factor, maximum) {
        $1.storeBFloat16(to: target + $0)
      }
      factors[index] = 1 / sum
    }
  }
}
