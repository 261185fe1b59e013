@testable import SwiftletTraining

/// Weights and moments under AdamW, element by element in the order of torch's path for one tensor.
struct ReferenceAdamW {
  var weights: [Float]
  var first: [Float]
  var second: [Float]

  init(_ weights: [Float]) {
    self.weights = weights
    first = weights.map { _ in 0 }
    second = first
  }

  /// θ = (1 - lr λ) θ; m += (1 - β1) (g - m); v = β2 v + (1 - β2) g²;
  /// θ -= lr / (1 - β1^t) m / (√v / √(1 - β2^t) + ε)
  mutating func update(_ gradients: [Float], _ scalars: AdamWScalars, clipping: Float = 1) {
    let decay = Float(1 - scalars.learningRate * scalars.weightDecay)
    let rootOfCorrection = Float(scalars.biasCorrection2.squareRoot())
    let stepSize = Float(scalars.learningRate / scalars.biasCorrection1)
    for index in weights.indices {
      let gradient = gradients[index] * clipping
      first[index] += Float(1 - scalars.beta1) * (gradient - first[index])
      second[index] =
        Float(scalars.beta2) * second[index] + Float(1 - scalars.beta2) * gradient * gradient
      let denominator = second[index].squareRoot() / rootOfCorrection + Float(scalars.epsilon)
      weights[index] = weights[index] * decay - stepSize * first[index] / denominator
    }
  }
}
