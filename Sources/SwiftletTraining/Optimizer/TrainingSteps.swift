/// How many optimiser steps a training takes, as transformers' Trainer counts them.
public struct TrainingSteps: Sendable, Equatable {
  /// The steps of one epoch; its last step may have fewer rows.
  public let perEpoch: Int
  /// All steps; the last epoch may be a part of one.
  public let total: Int

  /// - Parameters:
  ///   - rows: examples in the training data, 1 or more.
  ///   - batchSize: examples of a batch.
  ///   - accumulation: batches whose gradients make one step.
  ///   - epochs: may be a fraction.
  public init(rows: Int, batchSize: Int, accumulation: Int = 1, epochs: Double) {
    precondition(rows > 0 && batchSize > 0 && accumulation > 0, "counts are positive")
    precondition(epochs > 0 && epochs.isFinite, "epochs are positive")
    let batches = Self.quotient(rows, batchSize)
    perEpoch = Self.quotient(batches, accumulation)
    total = Int(min((epochs * Double(perEpoch)).rounded(.up), 0x1p53))
  }

  /// The quotient, rounded up.
  private static func quotient(_ count: Int, _ divisor: Int) -> Int {
    count / divisor + (count % divisor > 0 ? 1 : 0)
  }

  /// The steps of a warm-up: a share of all steps if it is below 1, rounded up, and otherwise a
  /// number of steps.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if it is negative, or neither a share
  ///   nor a whole number.
  public func warmup(_ amount: Double) throws(TrainingError) -> Int {
    guard amount >= 0, amount < 1 || (amount == amount.rounded() && amount < 0x1p53) else {
      throw .invalidOption(
        name: "--warmup",
        reason: "must be a share of all steps below 1, or a whole number of steps, not \(amount)")
    }
    return Int(amount < 1 ? (amount * Double(total)).rounded(.up) : amount)
  }
}
