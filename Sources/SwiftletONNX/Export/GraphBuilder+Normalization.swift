extension GraphBuilder {
  /// out = (x - mean(x)) / √(var(x) + ε) · weight + bias, over the last axis.
  mutating func layerNorm(
    _ x: String, weight: String, bias: String, epsilon: Float
  ) -> String {
    guard opset == .v14 else {
      return add(
        "LayerNormalization", x, weight, bias,
        attributes: [.int("axis", -1), .float("epsilon", epsilon)])
    }
    let centered = add("Sub", x, mean(x))
    let squares = add("Pow", centered, constant(2 as Float))
    // ONNX Runtime's fusion reads epsilon from the second input.
    let variance = add("Add", mean(squares), constant(epsilon))
    let normal = add("Div", centered, add("Sqrt", variance))
    return add("Add", add("Mul", normal, weight), bias)
  }

  private mutating func mean(_ x: String) -> String {
    add("ReduceMean", x, attributes: [.ints("axes", [-1]), .int("keepdims", 1)])
  }

  /// The maximum over an axis. The axes became an input with the operators of version 18.
  mutating func reduceMax(_ x: String, axis: Int, keepsAxis: Bool) -> String {
    let keeps = AttributeMessage.int("keepdims", keepsAxis ? 1 : 0)
    return opset.rawValue < 18
      ? add("ReduceMax", x, attributes: [.ints("axes", [axis]), keeps])
      : add("ReduceMax", x, constant([axis]), attributes: [keeps])
  }

  mutating func reduceSum(_ x: String, axis: Int, keepsAxis: Bool) -> String {
    add("ReduceSum", x, constant([axis]), attributes: [.int("keepdims", keepsAxis ? 1 : 0)])
  }
}
