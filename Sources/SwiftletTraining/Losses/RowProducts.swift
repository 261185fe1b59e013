/// Sums over rows in Double, each in eight partial sums that are joined in one fixed order.
enum RowProducts {
  /// Σ x[i] y[i] for i in 0..<count
  static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Double {
    var sums = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
      let left = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<Float>.self)
      let right = UnsafeRawPointer(y + index).loadUnaligned(as: SIMD8<Float>.self)
      sums += SIMD8<Double>(left) * SIMD8<Double>(right)
      index += 8
    }
    var sum = sums.sum()
    for index in index..<count { sum += Double(x[index]) * Double(y[index]) }
    return sum
  }

  /// Σ x[i] y[i] for i in 0..<count
  static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int) -> Double {
    var sums = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
      let left = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<Double>.self)
      let right = UnsafeRawPointer(y + index).loadUnaligned(as: SIMD8<Double>.self)
      sums += left * right
      index += 8
    }
    var sum = sums.sum()
    for index in index..<count { sum += x[index] * y[index] }
    return sum
  }

  /// y[i] += factor x[i] for i in 0..<count
  static func add(
    _ factor: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, count: Int
  ) {
    for index in 0..<count { y[index] += factor * x[index] }
  }
}
