import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletSystem

/// `--method probe`: a linear model over the features of the unchanged base, written as an ordinary
/// classifier.
final class ProbeTraining<Objective: DatasetObjective>: RunnableTraining {
  private let stage: ProbeStage<Objective>
  private let validation: Objective?
  /// Nil once the features are computed.
  private var encoder: FeatureEncoder?

  init(
    _ context: TrainingContext, objective: Objective, validation: Objective?
  ) throws(TrainingError) {
    stage = ProbeStage(context, objective: objective, validation: validation)
    self.validation = validation
    encoder = try FeatureEncoder(context)
  }

  func plan(unless cancellation: Cancellation) throws -> TrainingPlan {
    guard let encoder else { stop("a plan is made before the training") }
    let (context, objective, network) = (stage.context, stage.objective, encoder.network)
    let options = context.request.options
    try options.validate(hasValidation: validation != nil)
    let longest = max(objective.longestExample, validation?.longestExample ?? 0)
    let outputs = max(1, objective.data.labels.count)
    let features = 4 * objective.exampleCount * (encoder.width + 2 * outputs)
    func bytes(_ tokens: Int) -> Int {
      network.bytes(forTokens: tokens) + features + context.data.byteCount
        + context.largestTensorBytes
    }
    let budget = try PassCut.budget(limit: options.maxMemory, longest: longest, bytes: bytes)
    return TrainingPlan(
      examples: objective.exampleCount, validationExamples: validation?.exampleCount ?? 0,
      tokensPerEpoch: objective.tokenCount, validationTokens: validation?.tokenCount ?? 0,
      stepsPerEpoch: 1, totalSteps: 1, warmupSteps: 0, parameters: network.parameterCount,
      trainedParameters: outputs * (encoder.width + 1), passTokens: budget,
      memory: bytes(max(budget, longest)), precision: options.precision, seconds: nil,
      metric: validation == nil ? nil : try options.selectedMetric(of: objective),
      evaluations: validation == nil ? 0 : 1)
  }

  func run(
    unless cancellation: Cancellation, report: @escaping (TrainingEvent) -> Void
  ) throws -> TrainingOutcome {
    let plan = try plan(unless: cancellation)
    report(.planned(plan))
    var state = LoopState()
    (state.step, state.stepsPerEpoch, state.totalSteps) = (1, 1, 1)
    var summary = TrainingSummary(
      reason: .completed, step: 1, totalSteps: 1, best: nil, seconds: 0,
      tokens: stage.objective.tokenCount, skippedSteps: 0)
    do {
      let parameters = try fit(passTokens: plan.passTokens, unless: cancellation)
      encoder = nil
      return try stage.run(
        parameters, passTokens: plan.passTokens, after: (summary, state), unless: cancellation,
        report: report)
    } catch is Interruption {
      (summary.reason, summary.step, summary.totalSteps) = (.cancelled, 0, 0)
      report(.finished(summary))
      return TrainingOutcome(summary: summary, evaluation: nil, folder: nil, history: [])
    }
  }

  private func fit(
    passTokens: Int, unless cancellation: Cancellation
  ) throws -> [String: [Float]] {
    guard let encoder else { stop("a probe is trained once") }
    return try stage.fit(encoder, passTokens: passTokens, unless: cancellation)
  }
}
