/// x / max(‖x‖₂, 1e-12) in place, as `torch.nn.functional.normalize`; the sum is a double.
func normalize(_ vector: UnsafeMutableBufferPointer<Float>) {
  var squares = 0.0
  for value in vector { squares += Double(value) * Double(value) }
  let norm = Float(max(squares.squareRoot(), 1e-12))
  for index in vector.indices { vector[index] /= norm }
}

/// The gradient of x for the gradient `g` of y = x / max(‖x‖₂, 1e-12), in place:
/// (g - y (g · y)) / ‖x‖₂.
func normalizeGradient(
  _ g: UnsafeMutablePointer<Float>, of x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
  count: Int
) {
  var squares = 0.0
  var product = 0.0
  for index in 0..<count {
    squares += Double(x[index]) * Double(x[index])
    product += Double(g[index]) * Double(y[index])
  }
  let norm = squares.squareRoot()
  // Below the limit the divisor is a constant.
  if norm < 1e-12 { product = 0 }
  let factor = 1 / max(norm, 1e-12)
  for index in 0..<count {
    g[index] = Float((Double(g[index]) - Double(y[index]) * product) * factor)
  }
}

extension [Float] {
  /// The vector with the L2 norm 1; a zero vector stays zero.
  package consuming func normalized() -> [Float] {
    withUnsafeMutableBufferPointer { SwiftletEncoder.normalize($0) }
    return self
  }
}
