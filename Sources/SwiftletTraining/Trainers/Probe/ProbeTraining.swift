import SwiftletCheckpoint
import SwiftletEncoder

/// `--method probe`: a linear model over the features of the unchanged base, written as an ordinary
/// classifier.
final class ProbeTraining<Objective: DatasetObjective>: RunnableTraining {
  private let stage: ProbeStage<Objective>
  private let validation: Objective?
  private let encoder: FeatureEncoder

  init(
    _ context: TrainingContext, objective: Objective, validation: Objective?
  ) throws(TrainingError) {
    stage = ProbeStage(context, objective: objective, validation: validation)
    self.validation = validation
    encoder = try FeatureEncoder(context)
  }

  func plan(unless cancellation: Cancellation) throws -> TrainingPlan {
    let (context, objective, network) = (stage.context, stage.objective, encoder.network)
    let options = context.request.options
    try options.validate(hasValidation: validation != nil)
    let longest = max(objective.longestExample, validation?.longestExample ?? 0)
    let budget = try PassCut.budget(
      limit: options.maxMemory, longest: longest, bytes: network.bytes(forTokens:))
    let outputs = max(1, objective.data.labels.count)
    return TrainingPlan(
      examples: objective.exampleCount, validationExamples: validation?.exampleCount ?? 0,
      tokensPerEpoch: objective.tokenCount, validationTokens: validation?.tokenCount ?? 0,
      stepsPerEpoch: 1, totalSteps: 1, warmupSteps: 0, parameters: network.parameterCount,
      trainedParameters: outputs * (encoder.width + 1), passTokens: budget,
      memory: network.bytes(forTokens: max(budget, longest)) + 4 * objective.exampleCount
        * (encoder.width + 2 * outputs), precision: options.precision, seconds: nil,
      metric: validation == nil ? nil : try options.selectedMetric(of: objective),
      evaluations: validation == nil ? 0 : 1)
  }

  func run(
    unless cancellation: Cancellation, report: @escaping (TrainingEvent) -> Void
  ) throws -> TrainingOutcome {
    report(.planned(try plan(unless: cancellation)))
    var state = LoopState()
    (state.step, state.stepsPerEpoch, state.totalSteps) = (1, 1, 1)
    var summary = TrainingSummary(
      reason: .completed, step: 1, totalSteps: 1, best: nil, seconds: 0,
      tokens: stage.objective.tokenCount, skippedSteps: 0)
    do {
      return try stage.run(
        encoder, after: (summary, state), unless: cancellation, report: report)
    } catch is Interruption {
      (summary.reason, summary.step, summary.totalSteps) = (.cancelled, 0, 0)
      report(.finished(summary))
      return TrainingOutcome(summary: summary, evaluation: nil, folder: nil, history: [])
    }
  }
}
