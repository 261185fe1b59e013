import SwiftletCheckpoint
import Testing

@Suite struct HiddenActivationTests {
  @Test(arguments: [
    ("gelu", HiddenActivation.gelu), ("gelu_python", .gelu), ("gelu_new", .geluTanh),
    ("gelu_fast", .geluTanh), ("gelu_accurate", .geluTanh), ("gelu_pytorch_tanh", .geluTanh),
    ("gelu_python_tanh", .geluTanh), ("quick_gelu", .geluQuick), ("gelu_10", .geluClipped),
    ("relu", .relu), ("relu2", .reluSquared), ("relu6", .relu6), ("leaky_relu", .leakyReLU),
    ("sigmoid", .sigmoid), ("silu", .silu), ("swish", .silu), ("tanh", .tanh), ("mish", .mish),
    ("laplace", .laplace), ("hardswish", .hardSwish), ("sqrtsoftplus", .squareRootSoftplus),
    ("linear", .linear),
  ])
  func `every name of transformers has its activation`(name: String, activation: HiddenActivation) {
    #expect(HiddenActivation(name: name) == activation)
  }

  @Test(arguments: ["", "GELU", "prelu", "xielu", "relu7", "gelu ", "geluTanh"])
  func `other names have none`(name: String) { #expect(HiddenActivation(name: name) == nil) }
}
