import SwiftletCheckpoint

extension GraphBuilder {
  /// out = activation(x), element by element.
  mutating func activation(_ activation: HiddenActivation, _ x: String) -> String {
    switch activation {
    case .gelu: gelu(x)
    case .geluTanh: geluTanh(x)
    case .geluQuick: add("Mul", x, add("Sigmoid", add("Mul", x, constant(1.702 as Float))))
    case .geluClipped: add("Clip", gelu(x), constant(-10 as Float), constant(10 as Float))
    case .relu: add("Relu", x)
    case .reluSquared: square(add("Relu", x))
    case .relu6: add("Clip", x, constant(0 as Float), constant(6 as Float))
    case .leakyReLU: add("LeakyRelu", x, attributes: [.float("alpha", 0.01)])
    case .sigmoid: add("Sigmoid", x)
    case .silu: add("Mul", x, add("Sigmoid", x))
    case .tanh: add("Tanh", x)
    case .mish: add("Mul", x, add("Tanh", add("Softplus", x)))
    case .laplace: laplace(x)
    case .hardSwish: add("HardSwish", x)
    case .squareRootSoftplus: add("Sqrt", add("Softplus", x))
    case .linear: x
    }
  }

  private mutating func square(_ x: String) -> String { add("Mul", x, x) }

  /// x (1 + erf(x / √2)) / 2, in the order that ONNX Runtime fuses.
  private mutating func gelu(_ x: String) -> String {
    if opset == .v20 { return add("Gelu", x, attributes: [.string("approximate", "none")]) }
    let erf = add("Erf", add("Div", x, constant(Float(2).squareRoot())))
    let gate = add("Add", erf, constant(1 as Float))
    return add("Mul", add("Mul", x, gate), constant(0.5 as Float))
  }

  /// x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))
  private mutating func geluTanh(_ x: String) -> String {
    if opset == .v20 { return add("Gelu", x, attributes: [.string("approximate", "tanh")]) }
    let cube = add("Mul", constant(0.044_715 as Float), add("Pow", x, constant(3 as Float)))
    let inner = add("Mul", add("Add", x, cube), constant((2 / Float.pi).squareRoot()))
    let gate = add("Add", add("Tanh", inner), constant(1 as Float))
    return add("Mul", add("Mul", x, constant(0.5 as Float)), gate)
  }

  /// (1 + erf((x - 0.707107) / (0.282095 √2))) / 2
  private mutating func laplace(_ x: String) -> String {
    let centered = add("Sub", x, constant(0.707_107 as Float))
    let erf = add("Erf", add("Div", centered, constant(0.282_095 * Float(2).squareRoot())))
    return add("Mul", add("Add", erf, constant(1 as Float)), constant(0.5 as Float))
  }
}
