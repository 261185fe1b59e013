/// Why a training that had started stopped.
public enum TrainingFailure: Error, Equatable, Sendable {
  /// The loss is NaN or infinite. The weights are those of the step before.
  case nonFiniteLoss(step: Int, rows: String, savedStep: Int?)
  /// The gradient is NaN or infinite. The weights are those of the step before.
  case nonFiniteGradient(step: Int, rows: String, savedStep: Int?)
  /// The best weights give another value after they were read back.
  case bestChanged(step: Int, metric: String, saved: Double, reloaded: Double)
}

extension TrainingFailure {
  /// Whether loss or gradient were not finite, as after steps that are too large.
  package var isNotFinite: Bool {
    switch self {
    case .nonFiniteLoss, .nonFiniteGradient: true
    case .bestChanged: false
    }
  }
}

extension TrainingFailure: CustomStringConvertible {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .nonFiniteLoss(let step, let rows, let saved):
      "the loss of step \(step) is not a finite number; rows: \(rows). \(Self.advice(saved))"
    case .nonFiniteGradient(let step, let rows, let saved):
      "the gradient of step \(step) is not a finite number; rows: \(rows). \(Self.advice(saved))"
    case .bestChanged(let step, let metric, let saved, let reloaded):
      "\(metric) of the best weights (step \(step)) was \(saved), but is \(reloaded) after "
        + "reloading; the checkpoint was changed during the training, so train again"
    }
  }

  private static func advice(_ savedStep: Int?) -> String {
    let kept = savedStep.map { "The checkpoint of step \($0) is kept" } ?? "There is no checkpoint"
    return "\(kept); lower --learning-rate, or look at these rows"
  }
}
