package import SwiftletCheckpoint
package import SwiftletKernelCore

extension Activation {
  /// The kernel of the function that a configuration names.
  init(_ hidden: HiddenActivation) {
    self =
      switch hidden {
      case .gelu: .gelu
      case .geluTanh: .geluTanh
      case .geluQuick: .geluQuick
      case .geluClipped: .geluClipped
      case .relu: .relu
      case .reluSquared: .reluSquared
      case .relu6: .relu6
      case .leakyReLU: .leakyReLU
      case .sigmoid: .sigmoid
      case .silu: .silu
      case .tanh: .tanh
      case .mish: .mish
      case .laplace: .laplace
      case .hardSwish: .hardSwish
      case .squareRootSoftplus: .squareRootSoftplus
      case .linear: .linear
      }
  }

  /// The function as configurations name it.
  package var hidden: HiddenActivation {
    HiddenActivation.allCases.first { Activation($0) == self } ?? .linear
  }
}
