/// The numbers of one AdamW step, reduced to floats where `torch.optim.AdamW` reduces them: its
/// scalars are doubles, its tensors floats.
@usableFromInline
package struct AdamWStep: BitwiseCopyable, Sendable {
  /// Multiplied into every gradient: the clipping coefficient.
  @usableFromInline let gradientScale: Float
  /// 1 - learning rate * weight decay
  @usableFromInline let decay: Float
  /// 1 - β₁
  @usableFromInline let firstWeight: Float
  /// β₂
  @usableFromInline let secondDecay: Float
  /// 1 - β₂
  @usableFromInline let secondWeight: Float
  /// √(1 - β₂ᵗ)
  @usableFromInline let correction: Float
  @usableFromInline let epsilon: Float
  /// Learning rate / (1 - β₁ᵗ)
  @usableFromInline let stepSize: Float

  /// `biasCorrection1` is 1 - β₁ᵗ and `biasCorrection2` 1 - β₂ᵗ in step t = 1, 2, 3 …
  package init(
    learningRate: Double, weightDecay: Double, beta1: Double, beta2: Double, epsilon: Double,
    biasCorrection1: Double, biasCorrection2: Double, gradientScale: Float = 1
  ) {
    self.gradientScale = gradientScale
    decay = Float(1 - learningRate * weightDecay)
    firstWeight = Float(1 - beta1)
    secondDecay = Float(beta2)
    secondWeight = Float(1 - beta2)
    correction = Float(biasCorrection2.squareRoot())
    self.epsilon = Float(epsilon)
    stepSize = Float(learningRate / biasCorrection1)
  }

  /// Whether a parameter without a gradient changes.
  package var shrinks: Bool { decay != 1 }

  /// The step for parameters that never had a gradient.
  package func shrink(_ values: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { values[index] *= decay }
  }
}

/// A step of AdamW for parameters θ with gradients g, both of any layout:
///
///     θ = (1 - lr wd) θ
///     m = m + (1 - β₁) (g - m)
///     v = β₂ v + (1 - β₂) g²
///     θ = θ - lr / (1 - β₁ᵗ) m / (√v / √(1 - β₂ᵗ) + ε)
///
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, in the order of
/// `torch.optim.AdamW`. A parameter whose gradient was always 0 only decays.
@usableFromInline
package enum AdamW<Vector: KernelVector> {
  @inlinable @inline(__always)
  package static func update(
    _ values: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    _ firstMoments: UnsafeMutablePointer<Float>, _ secondMoments: UnsafeMutablePointer<Float>,
    count: Int, _ step: AdamWStep
  ) {
    let scale = Vector(repeating: step.gradientScale)
    let decay = Vector(repeating: step.decay)
    let firstWeight = Vector(repeating: step.firstWeight)
    let secondDecay = Vector(repeating: step.secondDecay)
    let secondWeight = Vector(repeating: step.secondWeight)
    let correction = Vector(repeating: step.correction)
    let epsilon = Vector(repeating: step.epsilon)
    let stepSize = Vector(repeating: -step.stepSize)
    Vector.forEach(count) { index, rest in
      let g = Vector(loadingUpTo: rest, from: gradients + index) * scale
      let oldM = Vector(loadingUpTo: rest, from: firstMoments + index)
      let m = oldM.adding(g - oldM, times: firstWeight)
      let v = (Vector(loadingUpTo: rest, from: secondMoments + index) * secondDecay)
        .adding(secondWeight * g, times: g)
      let denominator = v.squareRoot() / correction + epsilon
      let value = Vector(loadingUpTo: rest, from: values + index) * decay
      m.store(to: firstMoments + index, upTo: rest)
      v.store(to: secondMoments + index, upTo: rest)
      (value + stepSize * m / denominator).store(to: values + index, upTo: rest)
    }
  }

  /// Σ x², for the norm of a gradient: blocks in float lanes, joined in double, in a fixed order.
  @inlinable @inline(__always)
  package static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
    let blockCount = 4096
    var total = 0.0
    for first in stride(from: 0, to: count, by: blockCount) {
      let squares = Vector.folding(
        x + first, count: min(blockCount, count - first), joining: { $0 + $1 }
      ) { $0.adding($1, times: $1) }
      total += Double(squares.sum())
    }
    return total
  }
}
