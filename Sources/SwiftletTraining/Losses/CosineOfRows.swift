/// The cosine of two rows u and v, and its gradient. The cosine of a row of zeros is 0.
struct CosineOfRows {
  let value: Double
  /// 1 / ‖u‖ and 1 / ‖v‖; 0 for a row of zeros.
  private let inverseU: Double
  private let inverseV: Double

  init(_ u: UnsafePointer<Float>, _ v: UnsafePointer<Float>, count: Int) {
    inverseU = Self.inverse(RowProducts.dot(u, u, count: count).squareRoot())
    inverseV = Self.inverse(RowProducts.dot(v, v, count: count).squareRoot())
    value = RowProducts.dot(u, v, count: count) * inverseU * inverseV
  }

  static func inverse(_ norm: Double) -> Double { norm > 1e-12 ? 1 / norm : 0 }

  /// Writes factor (v / ‖v‖ - cos u / ‖u‖) / ‖u‖ for u, and for v the same with u and v exchanged.
  ///
  /// The gradients may be the memory of the rows. Without `dv`, v is a constant.
  func writeGradients(
    _ u: UnsafePointer<Float>, _ v: UnsafePointer<Float>, count: Int, factor: Double,
    du: UnsafeMutablePointer<Float>, dv: UnsafeMutablePointer<Float>? = nil
  ) {
    let across = factor * inverseU * inverseV
    let alongU = factor * value * inverseU * inverseU
    let alongV = factor * value * inverseV * inverseV
    for index in 0..<count {
      let (x, y) = (Double(u[index]), Double(v[index]))
      du[index] = Float(across * y - alongU * x)
      if let dv { dv[index] = Float(across * x - alongV * y) }
    }
  }
}
