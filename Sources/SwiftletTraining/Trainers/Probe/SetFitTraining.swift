import SwiftletCheckpoint
import SwiftletEncoder

/// `--method setfit`: tunes the encoder so that texts with one label are near each other, and then fits a
/// linear model over its features.
///
/// Tunstall et al., "Efficient Few-Shot Learning Without Prompts", 2022. A checkpoint belongs to the first
/// part. The second is short and begins again.
final class SetFitTraining<Objective: DatasetObjective>: RunnableTraining {
  private let stage: ProbeStage<Objective>
  private let tuning: TaskTraining<SentenceHead, PairObjective>
  private let metric: Metric

  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for a regression, and for more pairs than a
  ///   training can use.
  init(
    _ context: TrainingContext, objective: Objective, validation: Objective?
  ) throws(TrainingError) {
    guard objective.data.task != .regression else {
      throw .invalidOption(
        name: "--method",
        reason: "setfit compares labels, but the data have numbers; use probe, full or lora")
    }
    let options = context.request.options
    metric = try options.selectedMetric(of: objective)
    let pairs = PairObjective(
      objective.data,
      limit: options.maxSteps.map { $0 * options.batchSize * options.gradientAccumulation },
      seed: options.seed)
    guard pairs.exampleCount <= Self.mostPairs else {
      throw .invalidOption(
        name: "--method",
        reason:
          "setfit is for few examples for each label; \(objective.exampleCount) examples make "
          + "\(pairs.exampleCount) pairs; limit them with --max-steps, or use full")
    }
    stage = ProbeStage(context, objective: objective, validation: validation)
    tuning = try TaskTraining(
      context, objective: pairs, validation: nil,
      laterWork: Self.laterWork(context, objective, validation)
    ) {
      (options, configuration, base) throws(CheckpointError) in
      try TrainableModel(firstTokenOf: configuration, base.checkpoint, options)
    }
  }

  /// The features, and what ``ProbeStage`` does with them: evaluations of the classifier and of the
  /// written one, and those of calibration.
  static func laterWork(
    _ context: TrainingContext, _ objective: Objective, _ validation: Objective?
  ) -> LaterWork {
    var work = LaterWork(
      context.request, validation: validation,
      parameters: context.configuration.parameters(head: .sequenceClassification)
        .reduce(0) { $0 + $1.shape.reduce(1, *) })
    work.tokens += objective.tokenCount + 2 * (validation?.tokenCount ?? 0)
    work.longestExample = max(objective.longestExample, validation?.longestExample ?? 0)
    return work
  }

  /// The pairs of some 1,500 examples with many labels.
  private static var mostPairs: Int { 2_500_000 }

  func plan(unless cancellation: Cancellation) throws -> TrainingPlan {
    completed(try tuning.plan(unless: cancellation))
  }

  /// The plan of the first part with the evaluation of the second.
  private func completed(_ plan: TrainingPlan) -> TrainingPlan {
    guard let validation = stage.validation else { return plan }
    var plan = plan
    plan.validationExamples = validation.exampleCount
    plan.validationTokens = validation.tokenCount
    plan.metric = metric
    plan.evaluations = 1
    return plan
  }

  func run(
    unless cancellation: Cancellation, report: @escaping (TrainingEvent) -> Void
  ) throws -> TrainingOutcome {
    let (trained, state, _) = try tuning.train(unless: cancellation) { [self] event in
      switch event {
      case .planned(let plan): report(.planned(completed(plan)))
      // The training ends with its second part.
      case .finished(let summary) where summary.reason != .cancelled: break
      default: report(event)
      }
    }
    var summary = trained
    guard summary.reason != .cancelled else {
      return TrainingOutcome(summary: summary, evaluation: nil, folder: nil, history: [])
    }
    do {
      let passTokens = tuning.passTokens
      let parameters = try stage.fit(
        FeatureEncoder(tuning.network), passTokens: passTokens, unless: cancellation)
      return try stage.run(
        parameters, tuned: tuning.network.model.tensors, releasing: tuning.release,
        passTokens: passTokens, after: (trained, state), unless: cancellation, report: report)
    } catch is Interruption {
      summary.reason = .cancelled
      report(.finished(summary))
      return TrainingOutcome(summary: summary, evaluation: nil, folder: nil, history: [])
    }
  }
}
