/// The values of `activation` and `hidden_act`: the keys of transformers' `ACT2FN` (v5.24).
package enum HiddenActivation: String, CaseIterable, Sendable {
  case gelu
  case geluTanh = "gelu_new"
  case geluQuick = "quick_gelu"
  case geluClipped = "gelu_10"
  case relu
  case reluSquared = "relu2"
  case relu6
  case leakyReLU = "leaky_relu"
  case sigmoid
  case silu
  case tanh
  case mish
  case laplace
  case hardSwish = "hardswish"
  case squareRootSoftplus = "sqrtsoftplus"
  case linear

  /// Accepts every spelling of transformers. Returns nil for names that transformers does not know, and
  /// for functions with learned parameters (`prelu`, `xielu`).
  package init?(name: String) {
    switch name {
    case "gelu_python": self = .gelu
    case "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh", "gelu_python_tanh": self = .geluTanh
    case "swish": self = .silu
    default: self.init(rawValue: name)
    }
  }
}
