import Glibc
import SwiftletCheckpoint

/// Operations of ONNX on single numbers.
enum ElementwiseOperation {
  /// The value of a node; nil for an operation that is not known or lacks an input.
  static func value(_ node: StoredNode, _ inputs: [Double?]) -> Double? {
    let numbers = inputs.compactMap { $0 }
    switch numbers.count {
    case 1 where inputs.count == 1: return unary(node, numbers[0])
    case 2 where inputs.count == 2: return binary(node.operation, numbers[0], numbers[1])
    default: return selection(node.operation, inputs)
    }
  }

  /// The activation of a fused node.
  static func value(_ activation: FusedActivation, _ x: Double) -> Double? {
    switch activation.name {
    case "Relu": max(x, 0)
    case "Tanh": tanh(x)
    case "Sigmoid": 1 / (1 + exp(-x))
    case "LeakyRelu": x < 0 ? Double(activation.alpha ?? 0.01) * x : x
    default: nil
    }
  }

  private static func unary(_ node: StoredNode, _ x: Double) -> Double? {
    func number(_ name: String, or fallback: Double) -> Double {
      node.float(name).map { Double($0) } ?? fallback
    }
    switch node.operation {
    case "Identity", "Cast", "Dropout": return x
    case "Clip": return min(max(x, number("min", or: -.infinity)), number("max", or: .infinity))
    case "Neg": return -x
    case "Abs": return abs(x)
    case "Sqrt": return x.squareRoot()
    case "Reciprocal": return 1 / x
    case "Exp": return exp(x)
    case "Log": return log(x)
    case "Erf": return erf(x)
    case "Tanh": return tanh(x)
    case "Sigmoid": return 1 / (1 + exp(-x))
    case "Relu": return max(x, 0)
    case "Softplus": return ActivationValues.softplus(x)
    case "LeakyRelu": return x < 0 ? number("alpha", or: 0.01) * x : x
    case "HardSigmoid":
      return min(max(number("alpha", or: 0.2) * x + number("beta", or: 0.5), 0), 1)
    case "HardSwish": return ActivationValues.value(.hardSwish, x)
    case "Mish": return ActivationValues.value(.mish, x)
    case "Not": return x == 0 ? 1 : 0
    case "Gelu", "com.microsoft.Gelu":
      let isApproximate = node.string("approximate") == "tanh"
      return ActivationValues.value(isApproximate ? .geluTanh : .gelu, x)
    case "com.microsoft.BiasGelu": return ActivationValues.value(.gelu, x)
    case "com.microsoft.FastGelu": return ActivationValues.value(.geluTanh, x)
    case "com.microsoft.QuickGelu": return x / (1 + exp(-number("alpha", or: 1.702) * x))
    default: return nil
    }
  }

  private static func binary(_ operation: String, _ x: Double, _ y: Double) -> Double? {
    switch operation {
    case "Add": x + y
    case "Sub": x - y
    case "Mul": x * y
    case "Div": x / y
    case "Pow": pow(x, y)
    case "Max", "Clip": max(x, y)
    case "Min": min(x, y)
    case "PRelu": x < 0 ? y * x : x
    case "Greater": x > y ? 1 : 0
    case "GreaterOrEqual": x >= y ? 1 : 0
    case "Less": x < y ? 1 : 0
    case "LessOrEqual": x <= y ? 1 : 0
    case "Equal": x == y ? 1 : 0
    case "And": x != 0 && y != 0 ? 1 : 0
    case "Or": x != 0 || y != 0 ? 1 : 0
    default: nil
    }
  }

  private static func selection(_ operation: String, _ inputs: [Double?]) -> Double? {
    guard inputs.count == 3, let first = inputs[0] else { return nil }
    switch operation {
    case "Where": return first != 0 ? inputs[1] : inputs[2]
    case "Clip":
      let bounded = inputs[1].map { max(first, $0) } ?? first
      return inputs[2].map { min(bounded, $0) } ?? bounded
    default: return nil
    }
  }
}
