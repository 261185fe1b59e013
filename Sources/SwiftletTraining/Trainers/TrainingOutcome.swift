/// What a training reached.
package struct TrainingOutcome: Sendable {
  package let summary: TrainingSummary
  /// The metrics of the final weights on the validation data, read back from the output if there is one; nil
  /// without validation data, or if the training was cancelled.
  package let evaluation: FinalEvaluation?
  /// The written folder; nil without an output, or if the training was cancelled.
  package let folder: String?
  /// The evaluations, the last one included.
  package let history: [EvaluationRecord]
}

/// The metrics of a model on validation data.
package enum FinalEvaluation: Sendable, Equatable {
  case classification(ClassificationMetrics)
  case multiLabel(MultiLabelMetrics)
  case regression(RegressionMetrics)
  case tokens(TokenClassificationMetrics)
  case questions(AnswerMetrics)
  case choices(ChoiceMetrics)
  case similarity(SimilarityMetrics)

  package var metrics: any EvaluationMetrics {
    switch self {
    case .classification(let metrics): metrics
    case .multiLabel(let metrics): metrics
    case .regression(let metrics): metrics
    case .tokens(let metrics): metrics
    case .questions(let metrics): metrics
    case .choices(let metrics): metrics
    case .similarity(let metrics): metrics
    }
  }
}
