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

  @inlinable @inline(__always)
  static func row(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    epsilon: Float, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    let lanes = Vector.laneCount
    let whole = count / lanes * lanes
    let sums = Vector.folding(x, count: count, joining: +) { $0 + $1 }
    let mean = sums.sum() / Float(count)
    let center = Vector(repeating: mean)
    let squares = Vector.folding(x, count: count, filler: mean, joining: +) { sum, value in
      sum.adding(value - center, times: value - center)
    }
    let deviation = (squares.sum() / Float(count) + epsilon).squareRoot()

    let scale = Vector(repeating: 1 / deviation)
    for index in stride(from: 0, to: whole, by: lanes) {
      let normal = (Vector(loading: x + index) - center) * scale
      Vector(loading: bias + index).adding(normal, times: Vector(loading: weight + index))
        .store(to: output + index)
    }
    for index in whole..<count {
      output[index] = (x[index] - mean) * (1 / deviation) * weight[index] + bias[index]
    }
  }
}
