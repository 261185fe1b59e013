import Glibc

/// The numbers of one AdamW step for one group of tensors, in Double as torch computes them; a kernel
/// rounds what it multiplies.
package struct AdamWScalars: Sendable, Equatable {
  /// lr, after schedule and group factor.
  package let learningRate: Double
  /// λ: the weight decay of the options, or 0 for a group that doesn't decay.
  package let weightDecay: Double
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Double
  /// 1 - β1^t
  package let biasCorrection1: Double
  /// 1 - β2^t
  package let biasCorrection2: Double

  /// The numbers of step t, which counts from 1.
  package init(_ options: AdamWOptions, step: Int, learningRate: Double, decays: Bool) {
    precondition(step >= 1, "steps count from 1")
    self.learningRate = learningRate
    weightDecay = decays ? options.weightDecay : 0
    beta1 = options.beta1
    beta2 = options.beta2
    epsilon = options.epsilon
    biasCorrection1 = 1 - pow(options.beta1, Double(step))
    biasCorrection2 = 1 - pow(options.beta2, Double(step))
  }
}
