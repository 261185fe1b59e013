/// Losses of some steps.
package struct LossWindow: Sendable, Equatable {
  package var sum = 0.0
  package var count = 0

  package var mean: Double? { count > 0 ? sum / Double(count) : nil }

  package mutating func add(_ loss: Double) {
    sum += loss
    count += 1
  }
}

/// Everything in a training except the weights and the optimiser's moments.
///
/// A training that continues from it computes the same bits as one that was never stopped.
package struct LoopState: Sendable, Equatable {
  /// Steps that are complete.
  package var step = 0
  /// Steps of a pass over the examples and of the training, to recognise other data or options.
  package var stepsPerEpoch = 0
  package var totalSteps = 0

  /// Losses since the last point of the loss curve.
  package var lossesSinceLog = LossWindow()
  /// Losses since the last evaluation.
  package var lossesSinceEvaluation = LossWindow()
  /// The loss curve.
  package var losses: [LossRecord] = []
  package var evaluations: [EvaluationRecord] = []

  /// The step of the last evaluation. If one is due at ``step`` and this is smaller, it was interrupted.
  package var evaluatedStep = 0
  /// Evaluations since the last one with a gain, for early stopping.
  package var evaluationsWithoutGain = 0

  package var skippedSteps = 0
  /// Trained tokens.
  package var tokens = 0
  /// Seconds of all runs so far.
  package var seconds = 0.0

  package init() {}

  /// The best evaluation.
  package var best: EvaluationRecord? { evaluations.last { $0.isBest } }
}
