/// out[t, :] = (x[t, :] - mean) / sqrt(variance + epsilon) * weight + bias, row by row; `out` may be
/// `x`. Ba, Kiros and Hinton, "Layer Normalization", 2016; the variance is the biased one.
@usableFromInline
package enum LayerNorm<Vector: KernelVector> {
  @inlinable @inline(__always)
  package static func rows(
    _ input: Matrix<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    epsilon: Float, output: Matrix<Float>
  ) {
    for index in 0..<input.rows {
      row(
        input.row(index), weight: weight, bias: bias, epsilon: epsilon,
        output: output.row(index), count: input.columns)
    }
  }

  /// Normalises the rows with the same bits as `rows`, and stores what the backward pass needs of each
  /// row: its mean and 1 / √(variance + epsilon).
  @inlinable @inline(__always)
  package static func rows(
    _ input: Matrix<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    epsilon: Float, output: Matrix<Float>, moments: NormMoments
  ) {
    for index in 0..<input.rows {
      let x = UnsafePointer(input.row(index))
      let (mean, scale) = rowMoments(x, count: input.columns, epsilon: epsilon)
      normalize(
        x, mean: mean, scale: scale, weight: weight, bias: bias, output: output.row(index),
        count: input.columns)
      moments.means[index] = mean
      moments.inverseDeviations[index] = scale
    }
  }

  @inlinable @inline(__always)
  static func row(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    epsilon: Float, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    let (mean, scale) = rowMoments(x, count: count, epsilon: epsilon)
    normalize(
      x, mean: mean, scale: scale, weight: weight, bias: bias, output: output, count: count)
  }

  /// The mean of a row, and 1 / √(variance + epsilon).
  @inlinable @inline(__always)
  static func rowMoments(
    _ x: UnsafePointer<Float>, count: Int, epsilon: Float
  ) -> (mean: Float, scale: Float) {
    let sums = Vector.folding(x, count: count, joining: +) { $0 + $1 }
    let mean = sums.sum() / Float(count)
    let center = Vector(repeating: mean)
    let squares = Vector.folding(x, count: count, filler: mean, joining: +) { sum, value in
      sum.adding(value - center, times: value - center)
    }
    let deviation = (squares.sum() / Float(count) + epsilon).squareRoot()
    return (mean, 1 / deviation)
  }

  @inlinable @inline(__always)
  static func normalize(
    _ x: UnsafePointer<Float>, mean: Float, scale: Float, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    let lanes = Vector.laneCount
    let whole = count / lanes * lanes
    let center = Vector(repeating: mean)
    let factor = Vector(repeating: scale)
    for index in stride(from: 0, to: whole, by: lanes) {
      let normal = (Vector(loading: x + index) - center) * factor
      Vector(loading: bias + index).adding(normal, times: Vector(loading: weight + index))
        .store(to: output + index)
    }
    for index in whole..<count {
      output[index] = (x[index] - mean) * scale * weight[index] + bias[index]
    }
  }
}

/// What layer normalisation stores of each row for its backward pass. A view, which does not own the
/// memory.
@usableFromInline
package struct NormMoments: BitwiseCopyable {
  @usableFromInline package let means: UnsafeMutablePointer<Float>
  /// 1 / √(variance + epsilon)
  @usableFromInline package let inverseDeviations: UnsafeMutablePointer<Float>

  @inlinable
  package init(
    means: UnsafeMutablePointer<Float>, inverseDeviations: UnsafeMutablePointer<Float>
  ) {
    self.means = means
    self.inverseDeviations = inverseDeviations
  }

  /// The moments of the rows from `row` on.
  @inlinable
  package func from(_ row: Int) -> NormMoments {
    NormMoments(means: means + row, inverseDeviations: inverseDeviations + row)
  }
}

extension NormMoments: @unchecked Sendable {}

/// The backward pass of `out = x̂ * weight + bias`, x̂ = (x - mean) / deviation, for the gradient g of
/// `out`.
extension LayerNorm {
  /// dx = (a - mean(a) - x̂ mean(a x̂)) / deviation with a = g * weight, row by row; `dx` may be `g`.
  @inlinable @inline(__always)
  package static func backward(
    _ g: Matrix<Float>, _ x: Matrix<Float>, _ moments: NormMoments,
    weight: UnsafePointer<Float>, into dx: Matrix<Float>
  ) {
    for index in 0..<x.rows {
      backwardRow(
        g.row(index), x.row(index), mean: moments.means[index],
        scale: moments.inverseDeviations[index], weight: weight, into: dx.row(index),
        count: x.columns)
    }
  }

  @inlinable @inline(__always)
  static func backwardRow(
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, mean: Float, scale: Float,
    weight: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, count: Int
  ) {
    let center = Vector(repeating: mean)
    let factor = Vector(repeating: scale)
    // Two chains each, as a sum waits for the one before it.
    var (sums, otherSums) = (Vector.zero, Vector.zero)
    var (products, otherProducts) = (Vector.zero, Vector.zero)
    Vector.forEach(count) { index, rest in
      let a =
        Vector(loadingUpTo: rest, from: g + index) * Vector(loadingUpTo: rest, from: weight + index)
      sums = sums + a
      products = products.adding(
        a, times: (Vector(loadingUpTo: rest, from: x + index) - center) * factor)
      swap(&sums, &otherSums)
      swap(&products, &otherProducts)
    }
    let meanOfA = Vector(repeating: (sums + otherSums).sum() / Float(count))
    let meanOfProducts = Vector(repeating: (products + otherProducts).sum() / Float(count))
    Vector.forEach(count) { index, rest in
      let a =
        Vector(loadingUpTo: rest, from: g + index) * Vector(loadingUpTo: rest, from: weight + index)
      let normal = (Vector(loadingUpTo: rest, from: x + index) - center) * factor
      ((a - meanOfA - normal * meanOfProducts) * factor).store(to: dx + index, upTo: rest)
    }
  }

  /// dweight[c] += Σₜ g[t, c] x̂[t, c] and dbias[c] += Σₜ g[t, c] for some columns: every sum is loaded,
  /// continued for t = 0, 1, 2 … and stored, so that its bits depend neither on the range of columns
  /// nor on how the rows are shared out over calls.
  @inlinable @inline(__always)
  package static func addGradients(
    _ g: Matrix<Float>, _ x: Matrix<Float>, _ moments: NormMoments, columns: Range<Int>,
    weight: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>
  ) {
    ColumnSums<Vector>.forEachBlock(columns) { column in
      var weights = FourVectors<Vector>(loading: weight + column)
      var biases = FourVectors<Vector>(loading: bias + column)
      for t in 0..<g.rows {
        let center = Vector(repeating: moments.means[t])
        let factor = Vector(repeating: moments.inverseDeviations[t])
        let gradient = FourVectors<Vector>(loading: g.row(t) + column)
        let normal = FourVectors<Vector>(loading: x.row(t) + column).map { ($0 - center) * factor }
        weights = weights.adding(gradient, times: normal)
        biases = biases + gradient
      }
      weights.store(to: weight + column)
      biases.store(to: bias + column)
    } rest: { column, count in
      var weights = Vector(loadingUpTo: count, from: weight + column)
      var biases = Vector(loadingUpTo: count, from: bias + column)
      for t in 0..<g.rows {
        let gradient = Vector(loadingUpTo: count, from: g.row(t) + column)
        let normal =
          (Vector(loadingUpTo: count, from: x.row(t) + column)
            - Vector(repeating: moments.means[t]))
          * Vector(repeating: moments.inverseDeviations[t])
        weights = weights.adding(gradient, times: normal)
        biases = biases + gradient
      }
      weights.store(to: weight + column, upTo: count)
      biases.store(to: bias + column, upTo: count)
    }
  }
}
