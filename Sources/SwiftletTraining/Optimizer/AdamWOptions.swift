/// The constants of AdamW, with the defaults of transformers' Trainer.
///
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019; `torch.optim.AdamW`.
public struct AdamWOptions: Sendable, Equatable {
  /// β1: how much of the mean of gradients each step keeps.
  public var beta1 = 0.9
  /// β2: how much of the mean of squared gradients each step keeps.
  public var beta2 = 0.999
  /// ε: added to the denominator after the correction of its bias.
  public var epsilon = 1e-8
  /// The share of a weight, times the learning rate, that each step subtracts. Biases and layer
  /// normalisation do not decay.
  public var weightDecay = 0.0

  /// The defaults.
  public init() {}

  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if a constant is out of range.
  package func check() throws(TrainingError) {
    for (name, beta) in [("--adam-beta1", beta1), ("--adam-beta2", beta2)]
    where !(beta >= 0 && beta < 1) {
      throw .invalidOption(name: name, reason: "must be from 0 to less than 1, not \(beta)")
    }
    guard epsilon >= 0 && epsilon.isFinite else {
      throw .invalidOption(name: "--adam-epsilon", reason: "must be 0 or more, not \(epsilon)")
    }
    guard weightDecay >= 0 && weightDecay.isFinite else {
      throw .invalidOption(name: "--weight-decay", reason: "must be 0 or more, not \(weightDecay)")
    }
  }
}
