/// x / max(‖x‖₂, 1e-12) in place, as `torch.nn.functional.normalize`; the sum is a double.
func normalize(_ vector: UnsafeMutableBufferPointer<Float>) {
  var squares = 0.0
  for value in vector { squares += Double(value) * Double(value) }
  let norm = Float(max(squares.squareRoot(), 1e-12))
  for index in vector.indices { vector[index] /= norm }
}

extension [Float] {
  /// The vector with the L2 norm 1; a zero vector stays zero.
  package consuming func normalized() -> [Float] {
    withUnsafeMutableBufferPointer { SwiftletEncoder.normalize($0) }
    return self
  }
}
