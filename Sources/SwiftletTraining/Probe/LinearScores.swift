/// scores[row, output] = Σ_column weight[output, column] · feature[row, column] + intercept[output]
enum LinearScores {
  /// Writes the scores of `rows`, a multiple of four padded rows, in row-major order.
  static func write(
    _ features: FeatureMatrix, rows: Range<Int>, _ parameters: UnsafePointer<Double>,
    outputCount: Int, to scores: UnsafeMutablePointer<Double>
  ) {
    let width = features.stride
    let group = FeatureMatrix.rowGroup
    // Converted once for all outputs.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: group * width) { converted in
      guard let converted = converted.baseAddress else { return }
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: group) {
        convert(features.pointer(first), count: group * width, to: converted)
        let target = scores + (first - rows.lowerBound) * outputCount
        for output in 0..<outputCount {
          let sums = products(parameters + output * width, converted, width: width)
          for row in 0..<group {
            target[row * outputCount + output] =
              sums[row] + parameters[outputCount * width + output]
          }
        }
      }
    }
  }

  @inline(__always)
  static func load(_ source: UnsafePointer<Float>) -> SIMD8<Double> {
    SIMD8<Double>(UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Float>.self))
  }

  private static func convert(
    _ source: UnsafePointer<Float>, count: Int, to target: UnsafeMutablePointer<Double>
  ) {
    for index in stride(from: 0, to: count, by: FeatureMatrix.columnGroup) {
      UnsafeMutableRawPointer(target + index)
        .storeBytes(of: load(source + index), as: SIMD8<Double>.self)
    }
  }

  /// The products of one row of weights with four rows of features.
  private static func products(
    _ weights: UnsafePointer<Double>, _ rows: UnsafePointer<Double>, width: Int
  ) -> SIMD4<Double> {
    var (sum0, sum1) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    var (sum2, sum3) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    for column in stride(from: 0, to: width, by: 4) {
      let weight = four(weights + column)
      sum0 += weight * four(rows + column)
      sum1 += weight * four(rows + width + column)
      sum2 += weight * four(rows + 2 * width + column)
      sum3 += weight * four(rows + 3 * width + column)
    }
    return SIMD4(total(sum0), total(sum1), total(sum2), total(sum3))
  }

  @inline(__always)
  private static func four(_ source: UnsafePointer<Double>) -> SIMD4<Double> {
    UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Double>.self)
  }

  @inline(__always)
  private static func total(_ sums: SIMD4<Double>) -> Double {
    (sums[0] + sums[2]) + (sums[1] + sums[3])
  }
}
