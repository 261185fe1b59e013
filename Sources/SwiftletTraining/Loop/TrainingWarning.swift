/// Something in a training that is probably not intended.
public enum TrainingWarning: Sendable, Equatable {
  /// The learning rate of the encoder is above the rates that train BERT-like models.
  case highLearningRate(Double)
  /// All predictions of an evaluation are the same label.
  case collapsedPredictions(label: String, step: Int)
  /// A metric of an evaluation is not defined, such as a correlation with constant predictions.
  case undefinedMetric(name: String, step: Int)
  /// None of a step's examples has a label; the step was skipped.
  case skippedStep(step: Int, rows: String)
}

extension TrainingWarning: CustomStringConvertible {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .highLearningRate(let rate):
      "learning rate \(rate) is high: above 2e-4, models of this kind often collapse to one label; "
        + "usual values of --learning-rate are 1e-5 to 1e-4"
    case .collapsedPredictions(let label, let step):
      "all predictions after step \(step) are '\(label)'; if it stays so, lower --learning-rate "
        + "or raise --warmup"
    case .undefinedMetric(let name, let step):
      "\(name) after step \(step) is not defined, so this evaluation is not the best; "
        + "constant predictions or labels are the usual cause"
    case .skippedStep(let step, let rows):
      "step \(step) was skipped, as none of its rows has a label: \(rows)"
    }
  }
}
